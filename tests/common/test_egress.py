"""Where webhooks may go. The addresses are those by which others were broken into."""

from ipaddress import ip_address, ip_network

import pytest

from common.egress import Egress, Target, UnsafeAddress, is_open, judged_addresses, read_target

PUBLIC = Egress()

INNER = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104 -- nobody binds to it
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "3fff::1",
    "fec0::1",
    "100::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "fe80::1%1",
]
OUTER = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("number", INNER)
def test_an_inner_address_is_closed(number):
    assert not is_open(ip_address(number))


@pytest.mark.parametrize("number", OUTER)
def test_an_address_of_the_internet_is_open(number):
    assert is_open(ip_address(number))


def test_a_network_opened_on_purpose_is_open_and_its_neighbour_is_not():
    inner = [ip_network("10.20.0.0/16")]

    found = [is_open(ip_address(n), inner=inner) for n in ("10.20.3.4", "10.21.3.4")]

    assert found == [True, False]


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example:8443/",
        "https://ana:secret@shop.example/",
        "https://@shop.example/",
        "https://shop.example:22/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example:8443x/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[fe80::1%25eth0]/",
        "https://10.0.0.1/",
        "https:///path",
        "https://",
        "https://.",
        "shop.example",
        "",
        "https://shop.example\\@inner/",
        "https://shop.example/a b",
        "https://shop.example/\r\nHost: inner",
        "https://shop.example/\x00",
        "https://café.example/",
        f"https://shop.example/{'a' * 500}",
    ],
)
def test_an_address_that_no_host_could_make_safe_is_refused(url):
    with pytest.raises(UnsafeAddress):
        read_target(url, egress=PUBLIC)


def test_an_address_is_taken_apart_once():
    found = read_target("https://Shop.Example.:8443/hooks?shop=1#top", egress=PUBLIC)

    assert found == Target("https", "shop.example", 8443, "/hooks?shop=1")
    assert found.authority == "shop.example:8443"


def test_the_schemes_own_port_is_not_said():
    assert read_target("https://shop.example", egress=PUBLIC).authority == "shop.example"


TARGET = Target("https", "shop.example", 443, "/")


def judge(*numbers):
    return judged_addresses(TARGET, resolve=lambda *_: numbers, egress=PUBLIC)


def test_a_host_on_the_internet_has_its_addresses():
    assert judge("8.8.8.8", "2606:4700:4700::1111") == [
        ip_address("8.8.8.8"),
        ip_address("2606:4700:4700::1111"),
    ]


def test_a_host_with_one_inner_address_among_others_is_refused():
    with pytest.raises(UnsafeAddress):
        judge("8.8.8.8", "127.0.0.1")

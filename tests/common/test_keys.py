import pytest

from common.keys import keyed_hash, keyed_hasher


@pytest.mark.parametrize("key", ["short", "k" * 64, "longer than a block of SHA-256 " * 5])
def test_many_values_are_hashed_as_one(settings, key):
    settings.HASHING_KEY = key
    hashed = keyed_hasher("contact")

    assert hashed("ana@mail.example") == keyed_hash("ana@mail.example", use="contact")
    assert hashed("joão@pão.example") == keyed_hash("joão@pão.example", use="contact")
    assert hashed("ana@mail.example") != keyed_hash("ana@mail.example", use="voucher")

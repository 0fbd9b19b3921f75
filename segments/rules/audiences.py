"""Addresses as advertising platforms compare them: normalised, then SHA-256 in hexadecimal.

Google: support.google.com/google-ads/answer/7659867, "Customer Match"; phone numbers in E.164,
with the plus. Meta: facebook.com/business/help/2082575038703844, "How to format a customer list";
phone numbers as digits, with the country code and without zeros before it.
"""

from hashlib import sha256

from segments.enums import AdPlatform, Identifier

# The names of the columns, which the platforms read.
HEADERS = {
    AdPlatform.GOOGLE: {Identifier.EMAIL: "Email", Identifier.PHONE: "Phone"},
    AdPlatform.META: {Identifier.EMAIL: "email", Identifier.PHONE: "phone"},
}


def hashed_email(email: str) -> str:
    """Return the hash that both platforms make of the address, which case and blanks leave be."""
    return _hash(email.strip().lower())


def hashed_phone(number: str, *, platform: AdPlatform) -> str:
    """Return the hash that the platform makes of a number in E.164."""
    digits = "".join(sign for sign in number if sign.isdigit()).lstrip("0")
    return _hash(f"+{digits}" if platform == AdPlatform.GOOGLE else digits)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()

"""Which addresses are public: a table of every trick known to have worked somewhere."""

from __future__ import annotations

import ipaddress

import pytest

from songwright.core.errors import ConfigurationError
from songwright.egress import is_public, parse_allowed

PRIVATE = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255"),
    *("127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1"),
    *("192.168.0.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::"),
    *("2002:a9fe:a9fe::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1"),
    *("ff02::1", "ff0e::1", "4000::1", "2620:4f:8000::1"),
)
PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "2a00::1")


def test_the_table_is_long_enough() -> None:
    assert len(set(PRIVATE)) >= 46


@pytest.mark.parametrize("literal", PRIVATE)
def test_private_and_special_addresses_are_not_public(literal: str) -> None:
    assert not is_public(ipaddress.ip_address(literal))


@pytest.mark.parametrize("literal", PUBLIC)
def test_public_addresses_are(literal: str) -> None:
    assert is_public(ipaddress.ip_address(literal))


def test_the_operators_list_holds_hosts_and_networks() -> None:
    allowed = parse_allowed([" 10.0.0.0/8", "[::1]", "Receiver.Local.", "", "192.168.1.7"])
    assert allowed.names("receiver.local") and allowed.names("RECEIVER.local.")
    assert not allowed.names("other.local") and not allowed.names("evil-receiver.local")
    for covered in ("10.9.8.7", "::1", "192.168.1.7"):
        assert allowed.covers(ipaddress.ip_address(covered))
    for other in ("11.0.0.1", "::2", "192.168.1.8", "127.0.0.1"):
        assert not allowed.covers(ipaddress.ip_address(other))


@pytest.mark.parametrize("entry", ["http://x", "a b", "10.0.0.1/8", "host:80", "*", "a..b", "/"])
def test_what_is_neither_host_nor_network_is_refused(entry: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_allowed([entry])

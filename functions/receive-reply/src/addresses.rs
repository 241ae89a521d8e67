//! Which machines files are fetched from: hosts the office names, at addresses of the public internet.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use url::Url;

/// The hosts that files are fetched from, by `https` alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaHosts {
    names: BTreeSet<String>,
    /// A port of this machine, by `http`: for a stand-in beside the service.
    here: Option<u16>,
}

/// A list of hosts that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("MEDIA_HOSTS: {0:?} is no host name, as api.twilio.com")]
pub struct InvalidHost(String);

impl MediaHosts {
    /// Reads host names with commas between them, as `api.twilio.com,mms.twiliocdn.com`; empty, none is allowed.
    /// `localhost:4700` stands for that port of this machine.
    ///
    /// # Errors
    /// Names what is no host name. An address in numbers is none.
    pub fn parse(text: &str) -> Result<Self, InvalidHost> {
        let mut hosts = Self::default();
        for host in text.split(',').map(str::trim).filter(|host| !host.is_empty()) {
            let host = host.to_ascii_lowercase();
            if let Some(port) = host.strip_prefix("localhost:").and_then(|port| port.parse().ok()) {
                hosts.here = Some(port);
            } else if is_name(&host) {
                hosts.names.insert(host);
            } else {
                return Err(InvalidHost(host));
            }
        }
        Ok(hosts)
    }

    /// Files may be fetched from there.
    pub(crate) fn permit(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        let Some(host) = url.host_str() else { return false };
        match url.scheme() {
            "https" => url.port().is_none() && self.names.contains(host),
            "http" => host == "localhost" && self.here.is_some() && url.port_or_known_default() == self.here,
            _ => false,
        }
    }
}

fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_number = host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    host.contains('.') && host.split('.').all(is_label) && !is_number
}

/// Finds hosts, and forgets those of their addresses that are not on the public internet: a name that leads inside is
/// refused, however often it is asked and whatever it said before.
#[derive(Debug, Clone)]
pub(crate) struct PublicAddresses {
    pub(crate) hosts: MediaHosts,
}

/// The host has no address on the public internet.
#[derive(Debug, thiserror::Error)]
#[error("the host has no public address")]
struct NotPublic;

/// The error comes of a host that leads inside.
pub(crate) fn leads_inside(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source()).any(<dyn Error>::is::<NotPublic>)
}

impl ResolveDns for PublicAddresses {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let here = self.hosts.here.is_some() && name == "localhost";
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let found = found.map(|address| address.ip()).filter(|address| here || is_public(*address));
            let found: Vec<IpAddr> = found.collect();
            if found.is_empty() { Err(ResolveDnsError::new(NotPublic)) } else { Ok(found) }
        })
    }
}

/// Not one of the special ranges (iana.org/assignments/iana-ipv4-special-registry and -ipv6-).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // carriers' own
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)); // measurements
    !is_special
}

/// Global unicast alone, without what carries an IPv4 address inside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0xe000 == 0x2000;
    is_global && a != 0x2002 && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8)) && a != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(hosts: &str, url: &str) -> bool {
        MediaHosts::parse(hosts).expect("hosts").permit(&Url::parse(url).expect("a URL"))
    }

    #[test]
    fn named_hosts_by_https_and_no_other() {
        let hosts = "api.twilio.com, MMS.twiliocdn.com";
        for url in ["https://api.twilio.com/x", "https://API.twilio.com:443/x?y", "https://mms.twiliocdn.com/"] {
            assert!(permits(hosts, url), "{url}");
        }
        for url in [
            "http://api.twilio.com/x",
            "https://api.twilio.com:8443/x",
            "https://api.twilio.com.example.org/x",
            "https://twilio.com/x",
            "https://api.twilio.com@example.org/x",
            "https://user@api.twilio.com/x",
            "https://169.254.169.254/latest/meta-data",
            "ftp://api.twilio.com/x",
            "file:///etc/passwd",
            "http://localhost:4700/x",
        ] {
            assert!(!permits(hosts, url), "{url}");
        }
        assert!(!permits("", "https://api.twilio.com/x"), "none named, none allowed");
    }

    #[test]
    fn this_machine_by_its_port_alone() {
        assert!(permits("localhost:4700", "http://localhost:4700/x"));
        for url in
            ["http://localhost:4701/x", "https://localhost:4700/x", "http://127.0.0.1:4700/x", "http://localhost/x"]
        {
            assert!(!permits("localhost:4700", url), "{url}");
        }
    }

    #[test]
    fn what_is_no_name_is_no_host() {
        for host in ["10.0.0.1", "[::1]", "localhost", "https://api.twilio.com", "a..b", "a_b.com", "2130706433", "x.1"]
        {
            assert_eq!(MediaHosts::parse(host), Err(InvalidHost(host.to_owned())), "{host}");
        }
    }

    #[test]
    fn only_public_addresses_are_public() {
        for address in ["54.172.60.0", "8.8.8.8", "2600:1f18::1", "2001:4860:4860::8888", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_found() {
        let inside = PublicAddresses { hosts: MediaHosts::default() };
        let error = inside.resolve_dns("localhost").await.expect_err("refused");
        assert!(leads_inside(&error));
        let here = PublicAddresses { hosts: MediaHosts::parse("localhost:4700").expect("hosts") };
        assert!(here.resolve_dns("localhost").await.expect("found").iter().all(IpAddr::is_loopback));
    }
}

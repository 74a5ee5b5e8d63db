//! Whose certificates count on the way out: those of the public authorities that browsers trust, and those of the operator's own file.
//!
//! Must not be used between nodes: there the handshake's key counts, and no authority (`federation/tls.rs`).

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

const HTTP_1_1: &[u8] = b"http/1.1";
/// Certificates of an operator's file.
const OWN_MAX: usize = 256;

/// Why an operator's file of authorities is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TrustFault {
    /// It does not read, or one of it does not hold.
    #[error("certificate {0} of the file does not read")]
    Certificate(usize),
    /// It has none.
    #[error("the file holds no certificate in PEM")]
    Empty,
    /// It has too many.
    #[error("the file holds more than {OWN_MAX} certificates")]
    Many,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// TLS towards the outside, with these authorities (PEM) beside the public ones.
pub fn client(own_authorities: Option<&[u8]>) -> Result<Arc<ClientConfig>, TrustFault> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = own_authorities {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            count += 1;
            if count > OWN_MAX {
                return Err(TrustFault::Many);
            }
            let certificate = certificate.map_err(|_| TrustFault::Certificate(count))?;
            roots.add(certificate).map_err(|_| TrustFault::Certificate(count))?;
        }
        if count == 0 {
            return Err(TrustFault::Empty);
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let mut config = builder
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    config.enable_early_data = false;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_authorities_count_and_a_broken_file_is_refused() {
        assert!(client(None).is_ok());
        assert!(matches!(client(Some(b"")), Err(TrustFault::Empty)));
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(client(Some(broken)), Err(TrustFault::Certificate(1))));
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(vec!["feeds.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        assert!(client(Some(own.pem().as_bytes())).is_ok());
    }
}

//! The TLS side of a node's identity: a P-256 key, a certificate it signs for itself, and the digest by which a statement names the key
//! (`docs/protocol.md` sections 4 and 10). Nothing in a certificate counts but its public key.

use gotong_crypto::{Digest, sha256};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The longest certificate that is looked at.
const CERTIFICATE_BYTES_MAX: usize = 16 << 10;

/// Why there is no TLS identity.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    /// The key cannot be made or read, or does not sign.
    #[error("the TLS key is not usable: {0}")]
    Key(#[from] rcgen::Error),
    /// What was made does not read back.
    #[error("the certificate made from the TLS key does not read back")]
    Unreadable,
}

/// A key and the certificate that shows it.
pub struct TlsIdentity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    key_digest: Digest,
}

impl TlsIdentity {
    /// Reads a P-256 key (PKCS #8, PEM) and makes its certificate.
    pub fn from_key_pem(pem: &str) -> Result<Self, CertificateFault> {
        Self::from_key(&KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_ECDSA_P256_SHA256)?)
    }

    fn from_key(key: &KeyPair) -> Result<Self, CertificateFault> {
        let mut params = CertificateParams::default();
        // The same for everyone: a certificate tells a stranger nothing but the key.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "gotong");
        let certificate = params.self_signed(key)?.der().clone();
        let key_digest = tls_key_digest(&certificate).ok_or(CertificateFault::Unreadable)?;
        Ok(Self { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()), key_digest })
    }

    /// The digest that the member's statement must list.
    pub fn key_digest(&self) -> Digest {
        self.key_digest
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    pub(crate) fn private_key(&self) -> PrivatePkcs8KeyDer<'static> {
        self.key.clone_key()
    }
}

impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TlsIdentity(key {})", self.key_digest)
    }
}

/// A fresh P-256 key as PKCS #8 in PEM, to be written to a key file and nowhere else.
pub fn generate_key_pem() -> Result<String, CertificateFault> {
    Ok(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?.serialize_pem())
}

/// SHA-256 of a certificate's DER `SubjectPublicKeyInfo`; `None` for what is no certificate.
pub fn tls_key_digest(certificate: &[u8]) -> Option<Digest> {
    subject_public_key(certificate).map(|key| sha256(&key))
}

/// A certificate's DER `SubjectPublicKeyInfo`. The bytes that are digested and the bytes that verify the handshake are these same ones,
/// so that no second reading of a crooked certificate can yield another key.
pub(crate) fn subject_public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    if certificate.len() > CERTIFICATE_BYTES_MAX {
        return None;
    }
    let (rest, read) = X509Certificate::from_der(certificate).ok()?;
    rest.is_empty().then(|| read.public_key().raw.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_its_digest_whatever_certificate_is_made_from_it() {
        let pem = generate_key_pem().unwrap();
        let (one, two) = (TlsIdentity::from_key_pem(&pem).unwrap(), TlsIdentity::from_key_pem(&pem).unwrap());
        assert_eq!(one.key_digest(), two.key_digest());
        let other = TlsIdentity::from_key_pem(&generate_key_pem().unwrap()).unwrap();
        assert_ne!(one.key_digest(), other.key_digest());
    }

    #[test]
    fn what_is_no_certificate_has_no_digest() {
        let identity = TlsIdentity::from_key_pem(&generate_key_pem().unwrap()).unwrap();
        let mut bytes = identity.certificate().to_vec();
        assert_eq!(tls_key_digest(&bytes), Some(identity.key_digest()));
        bytes.push(0);
        assert_eq!(tls_key_digest(&bytes), None, "nothing may follow it");
        assert_eq!(tls_key_digest(b""), None);
        assert_eq!(tls_key_digest(&vec![0x30; CERTIFICATE_BYTES_MAX + 1]), None);
        assert!(TlsIdentity::from_key_pem("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n").is_err());
    }
}

//! How long anything may take between nodes. One place, so that tests can be impatient.

use std::time::Duration;

/// Bounds in time; [`Patience::default`] is meant for the world, everything shorter for tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Connecting to one address.
    pub connect: Duration,
    /// TLS handshake.
    pub handshake: Duration,
    /// From the handshake to a good hello.
    pub hello: Duration,
    /// Headers of a request; also how long a connection may stand idle.
    pub headers: Duration,
    /// Body of a request, as a whole.
    pub body: Duration,
    /// A write, or the wait for more of an answer, without any headway.
    pub stall: Duration,
    /// The answer to a request, beyond the time that the peer was asked to wait.
    pub answer: Duration,
    /// How long a request for changes asks the peer to wait.
    pub wait: Duration,
    /// First pause before dialling again; doubles up to [`Patience::redial_max`].
    pub redial: Duration,
    /// Longest pause before dialling again.
    pub redial_max: Duration,
    /// First pause before a log with a fault is asked for again; doubles up to [`Patience::suspend_max`].
    pub suspend: Duration,
    /// Longest pause of a log with a fault.
    pub suspend_max: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            handshake: Duration::from_secs(10),
            hello: Duration::from_secs(10),
            headers: Duration::from_mins(2),
            body: Duration::from_secs(30),
            stall: Duration::from_secs(20),
            answer: Duration::from_millis(gotong_model::limits::PEER_ANSWER_MS_MAX),
            wait: Duration::from_secs(25),
            redial: Duration::from_millis(250),
            redial_max: Duration::from_secs(30),
            suspend: Duration::from_secs(30),
            suspend_max: Duration::from_mins(15),
        }
    }
}

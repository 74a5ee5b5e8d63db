//! Federation between real nodes over real loopback TLS, and between a node and somebody who does not keep to the protocol.

mod bounds;
mod hostile;
mod probe;
mod region;
mod sharing;
mod strangers;

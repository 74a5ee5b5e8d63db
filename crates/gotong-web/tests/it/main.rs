//! The edges as others meet them: real sockets, real TLS, real nodes on stores in memory.

mod api;
mod federation;

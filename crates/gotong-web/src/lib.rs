//! HTTP edges both ways: API, pages, federation server and client

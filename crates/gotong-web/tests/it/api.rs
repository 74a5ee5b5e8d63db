//! The public side over real HTTP, on nodes whose stores are in memory: each permit beside its refusal.

mod bulk;
mod door;
mod explain;
mod operate;
mod outsiders;
mod pages;
mod publish;
mod read;

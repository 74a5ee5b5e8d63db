//! The public side over real HTTP, on nodes whose stores are in memory: each permit beside its refusal.

pub(crate) mod accounts;
mod bulk;
pub(crate) mod door;
mod duties;
mod exercise_data;
mod exercises;
mod explain;
mod formats;
mod operate;
pub(crate) mod organisations;
mod outsiders;
mod pages;
mod publish;
mod read;
mod roles;
mod warninglists;

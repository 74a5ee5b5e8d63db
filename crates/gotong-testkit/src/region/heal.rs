//! The end of a run: everything is repaired, every link works, and the region goes on until nobody has anything to say.

use gotong_model::Clock as _;

use crate::oracle::{Violation, broken};
use crate::region::Region;

/// Rounds after which a region that still talks is broken.
const ROUNDS_MAX: usize = 40;
/// Messages on one link in one round.
const MESSAGES_MAX: usize = 200;

impl Region {
    /// Heals, delivers, checks.
    pub(crate) fn heal(&mut self) -> Result<(), Violation> {
        self.calm = true;
        for at in 0..self.nodes.len() {
            self.nodes[at].disk.heal();
            self.nodes[at].full = 0;
            if self.nodes[at].node.is_none() {
                self.restart(at)?;
            }
        }
        for link in &mut self.links {
            link.cut = 0;
            link.hang_up();
        }
        self.pass_turning_points();
        let mut before = None;
        for _ in 0..ROUNDS_MAX {
            self.clock.advance_ms(1_000);
            for at in 0..self.nodes.len() {
                self.finish_erasures(at)?;
                self.govern_all(at)?;
                self.project_all(at)?;
            }
            for at in 0..self.links.len() {
                self.exchange(at)?;
            }
            let now = self.standing();
            if before.as_ref() == Some(&now) {
                return self.check_end().and_then(|()| self.rebuild_and_compare());
            }
            before = Some(now);
        }
        broken("2", format!("after {ROUNDS_MAX} rounds the nodes still have news for each other"))
    }

    /// No machine's clock is near an instant at which something comes into or goes out of force.
    fn pass_turning_points(&mut self) {
        const NEAR_MS: i64 = 240_000;
        let points = self.oracle.law.turning_points();
        let near = |now: i64| points.iter().any(|point| (point.micros() - now).abs() < NEAR_MS * 1_000);
        while near(self.clock.now().micros()) {
            self.clock.advance_ms(30_000);
        }
    }

    /// One link, until both sides have said everything.
    fn exchange(&mut self, at: usize) -> Result<(), Violation> {
        for message in 0..MESSAGES_MAX {
            self.tick(at)?;
            // Connected, asked, answered, applied: the first answer may have brought work.
            if message >= 3 && self.links[at].is_idle() {
                return Ok(());
            }
        }
        broken("2", "a link never comes to rest")
    }

    /// What everyone holds, as a number to be compared.
    fn standing(&self) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
        use gotong_store::Book;
        let books = [Book::Log, Book::Acknowledgement, Book::Document, Book::Meta, Book::PeerLog];
        let mut out = Vec::new();
        for machine in &self.nodes {
            for book in books {
                let rows = machine.store.look().scan(book, &[], &[], usize::MAX).unwrap_or_default();
                out.push(rows);
            }
        }
        out
    }

    /// The views built again from nothing are the same.
    fn rebuild_and_compare(&mut self) -> Result<(), Violation> {
        let at = self.dice.below(self.nodes.len());
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let begun = node.begin_rebuild();
        self.settle(at, begun)?;
        self.project_all(at)?;
        self.check_end()
    }

    fn project_all(&mut self, at: usize) -> Result<(), Violation> {
        loop {
            let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
            let more = node.project();
            if self.settle(at, more)? != Some(true) {
                return Ok(());
            }
        }
    }
}

//! What can happen, and how often: one act, then a few messages on a few links, again and again.

use crate::disk::Trouble;
use crate::oracle::Violation;
use crate::region::Region;

impl Region {
    /// Lives through so many steps.
    pub(crate) fn live(&mut self, steps: usize) -> Result<(), Violation> {
        for step in 1..=steps {
            self.step = step;
            self.clock.advance_ms(1 + self.dice.below(2_000) as u64);
            self.repair()?;
            self.something()?;
            for _ in 0..self.dice.below(8) {
                let link = self.dice.below(self.links.len());
                for _ in 0..=self.dice.below(5) {
                    self.tick(link)?;
                }
            }
        }
        Ok(())
    }

    /// Machines that stood long enough start, disks that were full long enough are freed, lines are mended.
    fn repair(&mut self) -> Result<(), Violation> {
        for at in 0..self.nodes.len() {
            let machine = &mut self.nodes[at];
            if machine.node.is_none() {
                machine.down = machine.down.saturating_sub(1);
                if machine.down == 0 {
                    self.restart(at)?;
                }
            }
            let machine = &mut self.nodes[at];
            machine.full = machine.full.saturating_sub(1);
            if machine.full == 0 {
                machine.disk.fill(false);
            }
        }
        for link in &mut self.links {
            link.cut = link.cut.saturating_sub(1);
        }
        Ok(())
    }

    fn something(&mut self) -> Result<(), Violation> {
        let at = self.dice.below(self.nodes.len());
        match self.dice.below(116) {
            0..=31 => self.publish(at),
            32..=35 => self.decide(at),
            36..=41 => self.import(at),
            42..=52 => self.withdraw(at),
            53..=59 => self.relabel(at),
            60..=64 => {
                self.stop(at);
                Ok(())
            }
            65..=76 => {
                let trouble = *self.dice.pick(&Trouble::ALL);
                if self.nodes[at].node.is_some() {
                    self.note("trouble", || format!("{at} {trouble:?}"));
                    self.nodes[at].disk.arm(trouble);
                }
                Ok(())
            }
            77..=78 => {
                self.nodes[at].full = 2 + self.dice.below(6);
                self.nodes[at].disk.fill(true);
                self.note("full", || at.to_string());
                Ok(())
            }
            79..=82 => self.finish_erasures(at),
            83..=88 => self.upkeep(at),
            89..=90 => {
                let minutes = 1 + self.dice.below(50) as u64;
                self.clock.advance_ms(minutes * 60_000);
                self.note("time", || format!("{minutes} minutes"));
                Ok(())
            }
            91..=92 => {
                let link = self.dice.below(self.links.len());
                self.links[link].cut = 1 + self.dice.below(15);
                self.note("cut", || link.to_string());
                Ok(())
            }
            93..=94 => self.ask_slowly(),
            95..=97 => self.play_again(),
            98 => self.misdeliver(at),
            100..=106 => self.sign_something(at),
            107..=109 => self.sign_late(),
            110..=114 => self.govern(at),
            115 => self.look_around(at),
            _ => self.probe_somebody(at),
        }
    }

    fn upkeep(&mut self, at: usize) -> Result<(), Violation> {
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        match self.dice.below(3) {
            0 => {
                let begun = node.begin_rebuild();
                self.settle(at, begun)?;
                self.note("rebuild", || at.to_string());
            }
            1 => {
                let more = node.project();
                self.settle(at, more)?;
            }
            _ => {
                let more = node.store.maintain().map_err(gotong_app::NodeFault::from);
                self.settle(at, more)?;
            }
        }
        self.check_node(at)
    }

    /// Somebody asks for a log of a channel that it does not read.
    fn probe_somebody(&mut self, asker: usize) -> Result<(), Violation> {
        let outside =
            |((author, channel), _): &(&(usize, usize), _)| *author != asker && !self.reads(*author, *channel, asker);
        let hidden = self.oracle.logs.iter().find(outside);
        let Some(((server, _), log)) = hidden else { return Ok(()) };
        let (server, id) = (*server, log.id.clone());
        self.probe(asker, server, &id)
    }
}

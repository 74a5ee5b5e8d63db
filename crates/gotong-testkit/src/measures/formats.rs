//! Measure 1 for what is not STIX: a table and a feed of MISP events through the same door, beside the plain table's rate of filling with objects of STIX.
//!
//! Input is made here from invented names; what it becomes is counted by the node's own summary, an object each.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::import::{Imported, per_second, send};
use super::node::segment;
use super::options::Measure;
use super::plain::Plain;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::Scratch;
use crate::dice::Dice;

/// Attributes of one event: as many as feeds of the day have.
const EVENT_ATTRIBUTES: usize = 1_000;

/// Rows of the table.
pub(crate) fn figures(
    demo: &Demo,
    scratch: &Scratch,
    plain: &Plain,
    rows: usize,
    report: &mut Report,
) -> Result<(), Fault> {
    let node = demo.nodes.first().during("the region has no node")?;
    let mut dice = Dice::new(11);
    for (format, write) in [("csv", table as fn(&Path, usize, &mut Dice) -> Result<(), Fault>), ("misp", events)] {
        let path = scratch.join(&format!("input.{format}"));
        write(&path, rows, &mut dice)?;
        say(format_args!("importing {rows} values as {format}"));
        let address = format!("/api/v1/channels/{}/records/bulk?format={format}&tlp=green", segment(&demo.channel));
        let imported = send(node, &address, File::open(&path).during(path.display())?, rows)?;
        add(format, &imported, plain, rows, report)?;
    }
    Ok(())
}

fn add(format: &str, imported: &Imported, plain: &Plain, rows: usize, report: &mut Report) -> Result<(), Fault> {
    let objects = usize::try_from(imported.count("new")).unwrap_or(0);
    if objects < rows {
        return Err(Fault::new(format!("{objects} objects came of {rows} values: {}", imported.said())));
    }
    let figure = |what: &str, value, unit| {
        Figure::new(Measure::Formats, format!("objects imported from {format}, {what}"), value, unit)
    };
    let plain_objects = plain.tenths.objects();
    report.add(
        figure("wall", per_second(objects, imported.wall), Unit::PerSecond)
            .beside(per_second(plain_objects, plain.wall), "plain table, from STIX")
            .must(Required::TimesBaseline(2.0)),
    );
    report.add(
        figure("CPU of the node", per_second(objects, imported.cpu), Unit::PerCpuSecond)
            .beside(per_second(plain_objects, plain.cpu), "plain table, from STIX")
            .must(Required::TimesBaseline(1.2)),
    );
    Ok(())
}

fn table(path: &Path, rows: usize, dice: &mut Dice) -> Result<(), Fault> {
    let mut out = BufWriter::new(File::create(path).during(path.display())?);
    out.write_all(b"value,type,first_seen,description,tags\n")?;
    for at in 0..rows {
        let (day, name) = (1 + at % 28, dice.token());
        writeln!(out, "c{at}-{name}.example,domain,2026-03-{day:02}T04:05:06Z,seen at a gateway,family:{}", at / 250)?;
    }
    out.flush()?;
    Ok(())
}

fn events(path: &Path, rows: usize, dice: &mut Dice) -> Result<(), Fault> {
    let mut out = BufWriter::new(File::create(path).during(path.display())?);
    let uuid = |dice: &mut Dice| {
        let (high, low) = (dice.roll(), dice.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    };
    out.write_all(b"{\"response\":[")?;
    for at in 0..rows {
        if at % EVENT_ATTRIBUTES == 0 {
            out.write_all(if at == 0 { b"" } else { b"]}}," })?;
            let id = uuid(dice);
            write!(
                out,
                r#"{{"Event":{{"uuid":"{id}","info":"Names of an invented family, part {}","date":"2026-03-01","timestamp":"1772323200","threat_level_id":"2","analysis":"2","Tag":[{{"name":"tlp:green"}}],"Attribute":["#,
                at / EVENT_ATTRIBUTES
            )?;
        } else {
            out.write_all(b",")?;
        }
        let (id, name) = (uuid(dice), dice.token());
        write!(
            out,
            r#"{{"uuid":"{id}","type":"domain","category":"Network activity","value":"m{at}-{name}.example","to_ids":true,"timestamp":"1772323200","comment":"seen at a gateway"}}"#
        )?;
    }
    out.write_all(b"]}}]}")?;
    out.flush()?;
    Ok(())
}

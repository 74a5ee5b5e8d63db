//! Sightings by day and country as bars that read without colour: each series has its word beside it, and the numbers stand in a table below.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;
use gotong_app::view::SightingDay;
use gotong_language::Words;

/// Days that are drawn, the newest.
const DAYS: usize = 60;
/// Series with a colour of their own; the rest are told together.
const SERIES: usize = 7;
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 180.0;

/// Bars of sightings.
#[derive(Template)]
#[template(
    source = r#"<svg class="plot" viewBox="0 0 900 230" role="img" aria-label="{{ label }}">{% for bar in bars %}<rect class="bar-{{ bar.class }}" x="{{ bar.x }}" y="{{ bar.y }}" width="{{ bar.width }}" height="{{ bar.height }}"><title>{{ bar.title }}</title></rect>{% endfor %}<line class="axis" x1="0" y1="180" x2="900" y2="180"></line><text x="0" y="198">{{ first }}</text><text x="900" y="198" text-anchor="end">{{ last }}</text><text x="0" y="12">{{ most }}</text>{% for key in keys %}<rect class="bar-{{ key.class }}" x="{{ key.x }}" y="212" width="12" height="12"></rect><text x="{{ key.x }}" dx="17" y="222">{{ key.name }}</text>{% endfor %}</svg>"#,
    ext = "html"
)]
pub(super) struct Plot {
    label: String,
    bars: Vec<Bar>,
    keys: Vec<Key>,
    first: String,
    last: String,
    most: String,
}

struct Bar {
    class: usize,
    x: String,
    y: String,
    width: String,
    height: String,
    title: String,
}

struct Key {
    class: usize,
    x: String,
    name: String,
}

impl HtmlSafe for Plot {}

impl Plot {
    /// The plot of what was seen on which day by whom; nothing to draw of a single day.
    #[allow(clippy::cast_precision_loss, reason = "pixels")]
    pub(super) fn of(words: Words, days: &[SightingDay]) -> Option<Self> {
        let mut by_day: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        let mut of_author: BTreeMap<String, u64> = BTreeMap::new();
        for day in days {
            *by_day.entry(&day.day).or_default().entry(day.author.to_string()).or_default() += day.seen;
            *of_author.entry(day.author.to_string()).or_default() += day.seen;
        }
        let skipped = by_day.len().saturating_sub(DAYS);
        let shown: Vec<_> = by_day.into_iter().skip(skipped).collect();
        let (first, last) = (shown.first()?.0.to_owned(), shown.last()?.0.to_owned());
        if shown.len() < 2 {
            return None;
        }
        let mut authors: Vec<(u64, String)> = of_author.into_iter().map(|(author, seen)| (seen, author)).collect();
        authors.sort_by(|a, b| b.cmp(a));
        let class_of = |author: &str| {
            let place = authors.iter().position(|(_, known)| known == author).unwrap_or(SERIES);
            place.min(SERIES - 1) + 1
        };
        let most = shown.iter().map(|(_, of)| of.values().sum::<u64>()).max().unwrap_or(1).max(1);
        let step = WIDTH / shown.len() as f64;
        let mut bars = Vec::new();
        for (place, (day, of)) in shown.iter().enumerate() {
            let mut top = HEIGHT;
            for (author, seen) in of {
                let height = *seen as f64 / most as f64 * (HEIGHT - 20.0);
                top -= height;
                bars.push(Bar {
                    class: class_of(author),
                    x: format!("{:.1}", place as f64 * step + step * 0.1),
                    y: format!("{top:.1}"),
                    width: format!("{:.1}", step * 0.8),
                    height: format!("{height:.1}"),
                    title: format!("{day} {author}: {seen}"),
                });
            }
        }
        let keys = authors.iter().take(SERIES).enumerate().map(|(place, (_, author))| Key {
            class: place + 1,
            x: format!("{:.0}", place as f64 * (WIDTH / SERIES as f64)),
            name: author.clone(),
        });
        Some(Self {
            label: words.t("object-sightings"),
            keys: keys.collect(),
            bars,
            first,
            last,
            most: words.number(i64::try_from(most).unwrap_or(i64::MAX)),
        })
    }
}

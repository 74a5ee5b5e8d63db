//! Pages of the console as a browser without scripts meets them: one module for each page or matter.

mod agreements;
mod audit;
mod bulk;
mod channels;
mod charter;
mod help;
mod house;
mod kept;
mod letters;
mod logs;
mod notices;
mod notifications;
mod object;
mod operation;
mod passkeys;
mod provider;
mod report;
mod settings;
mod share;
mod sources;
mod start;
mod tokens;
mod waiting;

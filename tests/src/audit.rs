//! An audit of what is on the screen by axe-core: no violation of WCAG 2.2, levels A and AA.
//!
//! `cargo xtask test` fetches axe-core for the tests alone, where npm is to be had; where not, it says so, and so
//! does a story that would audit. In CI (`CI` is set) such a story fails: there npm belongs to the machine.

use std::{env, fs};

use serde_json::Value;

use crate::{Browser, Story, World};

const AXE: &str = "target/tools/npm/node_modules/axe-core/axe.min.js";

/// Looks into the document that the browser looks into; frames in it are documents of their own.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, { runOnly: { type: 'tag', values }, iframes: false, resultTypes: ['violations'] }).then(
        (found) => done({
            checked: found.passes.length,
            violations: found.violations.flatMap((each) =>
                each.nodes.map((node) => each.id + ': ' + node.html + '\\n' + node.failureSummary)),
        }),
        (fault) => done({ checked: 0, violations: [String(fault)] }));";

impl Browser {
    /// Fails on any violation, and says which; in CI also where there is nothing to audit with. Gives whether there was
    /// an audit at all.
    #[expect(clippy::print_stdout, reason = "whoever runs the stories is to see it")]
    pub async fn passes_an_audit(&self, step: &str) -> Story<bool> {
        let Ok(axe) = fs::read_to_string(World::root().join(AXE)) else {
            if env::var_os("CI").is_some() {
                return Err(
                    format!("{step}: nothing is audited, for there is no {AXE} (npm brings it)").into(),
                );
            }
            println!("axe-core is not here (npm would bring it): nothing is audited");
            return Ok(false);
        };
        self.driver.execute(axe, Vec::new()).await?;
        let found: Value = self.driver.execute_async(RUN, Vec::new()).await?.convert()?;
        let violations: Vec<&str> = found["violations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if found["checked"].as_u64() == Some(0) {
            return Err(format!("{step}: nothing was checked: {violations:?}").into());
        }
        if violations.is_empty() {
            return Ok(true);
        }
        Err(format!(
            "{step}: {} violations\n{}",
            violations.len(),
            violations.join("\n")
        )
        .into())
    }
}

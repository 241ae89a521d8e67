//! Plots as SVG: horizontal bars, each a median with the samples beside it.

use std::fmt::Write;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Whose it is.
    pub label: String,
    /// How long it is.
    pub value: f64,
    /// What is drawn over it, one dot each.
    pub samples: Vec<f64>,
}

const LEFT: f64 = 190.0;
const WIDTH: f64 = 520.0;
const ROW: f64 = 22.0;
const DOTS: usize = 60;

/// Bars under a title, on a scale from zero, or a logarithmic one where the longest is far longer than the shortest.
#[must_use]
pub fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let all = || bars.iter().map(|bar| bar.value).filter(|value| value.is_finite() && *value > 0.0);
    let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    let is_wide = most > 30.0 * least;
    let length = |value: f64| {
        let share = if is_wide { (value / least * 2.0).ln() / (most / least * 2.0).ln() } else { value / most };
        share.clamp(0.0, 1.15) * WIDTH
    };
    let height = 50.0 + ROW * f64::from(u32::try_from(bars.len()).unwrap_or(u32::MAX));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"890\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{}{}</text>\n",
        escaped(title),
        if is_wide { " (logarithmic)" } else { "" },
    );
    let mut top = 34.0;
    for bar in bars {
        let (text, end) = (top + 14.0, length(bar.value));
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text>\n<rect x=\"{LEFT}\" y=\"{}\" width=\"{end:.1}\" height=\"14\" fill=\"{}\"/>\n",
            LEFT - 8.0,
            escaped(&bar.label),
            top + 3.0,
            colour(&bar.label),
        );
        let step = (bar.samples.len() / DOTS).max(1);
        for sample in bar.samples.iter().step_by(step) {
            let _ = writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{}\" r=\"1.6\" fill=\"#0008\"/>",
                LEFT + length(*sample),
                top + 10.0
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{text}\">{} {}</text>",
            LEFT + WIDTH * 1.15 + 8.0,
            short(bar.value),
            escaped(unit)
        );
        top += ROW;
    }
    svg.push_str("</svg>\n");
    svg
}

fn colour(label: &str) -> &'static str {
    match label {
        label if label.starts_with("node") => "#8cc084",
        label if label.starts_with("python") => "#e0c068",
        label if label.starts_with("hello") || label.starts_with("bare") => "#b8b8b8",
        _ => "#5b8dd6",
    }
}

/// A number with three digits that count.
#[must_use]
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        let bar = |label: &str, value| Bar { label: label.to_owned(), value, samples: vec![value] };
        let svg = bars("a < b", "ms", &[bar("ours", 1.0), bar("node", 2.0)]);
        assert!(svg.contains("a &lt; b") && svg.contains("width=\"260.0\"") && svg.contains("width=\"520.0\""));
        assert!(
            !svg.contains("logarithmic") && bars("t", "ms", &[bar("a", 1.0), bar("b", 99.0)]).contains("logarithmic")
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([1234.5, 12.34, 1.234, 0.01234].map(short), ["1234", "12.3", "1.23", "0.0123"]);
    }
}

//! Configuration from environment variables: a missing one stops the start, by its name.

use std::cell::RefCell;

/// A variable the function cannot start without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name} is missing or empty")]
pub struct MissingVariable {
    name: &'static str,
}

/// Where a function's configuration comes from.
#[derive(Debug)]
pub struct Environment {
    lookup: fn(&str) -> Option<String>,
    asked: RefCell<Vec<&'static str>>,
}

impl Environment {
    /// The process's own variables.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self { lookup: |name| std::env::var(name).ok(), asked: RefCell::default() }
    }

    /// Answers every name with a sample value and remembers what was asked.
    #[must_use]
    pub fn recording() -> Self {
        Self { lookup: |_| Some("sample".to_owned()), asked: RefCell::default() }
    }

    /// The value of one variable.
    ///
    /// # Errors
    /// When it is missing or empty.
    pub fn get(&self, name: &'static str) -> Result<String, MissingVariable> {
        self.asked.borrow_mut().push(name);
        (self.lookup)(name).filter(|value| !value.is_empty()).ok_or(MissingVariable { name })
    }

    /// The value of a variable that may be missing or empty.
    pub fn find(&self, name: &'static str) -> Option<String> {
        self.get(name).ok()
    }

    /// The names asked for, sorted.
    #[must_use]
    pub fn asked(&self) -> Vec<&'static str> {
        let mut asked = self.asked.borrow().clone();
        asked.sort_unstable();
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let environment = Environment { lookup: |_| None, asked: RefCell::default() };
        let missing = environment.get("TABLE").expect_err("nothing is set");
        assert_eq!(missing.to_string(), "environment variable TABLE is missing or empty");
    }

    #[test]
    fn an_empty_variable_is_a_missing_one() {
        let environment = Environment { lookup: |_| Some(String::new()), asked: RefCell::default() };
        assert!(environment.get("TABLE").is_err());
        assert_eq!(environment.find("TABLE"), None, "which some may be");
    }
}

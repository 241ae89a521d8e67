//! `infra/template.yaml`, read as data.

use serde_yaml_ng::Value;

/// The template.
#[derive(Debug, Clone)]
pub struct Template(Value);

impl Template {
    /// The template in this checkout.
    #[must_use]
    pub fn read() -> Self {
        let text = include_str!("../../../infra/template.yaml");
        Self(serde_yaml_ng::from_str(text).unwrap_or_else(|error| unreachable!("the template is YAML: {error}")))
    }

    /// Logical ids and properties of all resources of a type.
    #[must_use]
    pub fn of_type(&self, kind: &str) -> Vec<(&str, &Value)> {
        let resources = self.0["Resources"].as_mapping().into_iter().flatten();
        resources
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str().unwrap_or_default(), &resource["Properties"]))
            .collect()
    }

    /// Any part of it.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(&self.0, |part, name| &part[*name])
    }

    /// The whole as text, to look for references in.
    #[must_use]
    pub const fn text() -> &'static str {
        include_str!("../../../infra/template.yaml")
    }
}

/// What an intrinsic function such as `!Ref` or `!GetAtt` names, or the text itself.
#[must_use]
pub fn names(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) => names(&tagged.value),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Sequence(items) => items.iter().map(names).collect::<Vec<_>>().join(","),
        Value::Null | Value::Bool(_) | Value::Mapping(_) => String::new(),
    }
}

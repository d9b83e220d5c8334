import Stages
import Testing

@testable import PipelineFiles

/// The schema and the declarations cannot drift apart.
@Suite struct SchemaKeysTests {
  @Test(arguments: [false, true])
  func `the schema has the keys of the declarations and no others`(ofProject: Bool) {
    let schema = JSONSchema(.builtIn)
    let declared = keys(of: ofProject ? ProjectSettings.shape : PipelineSettings.shape, at: "")
    let described = keys(of: ofProject ? schema.project : schema.pipeline, at: "")
    #expect(declared.subtracting(described) == [])
    #expect(described.subtracting(declared) == [])
    #expect(declared.count > (ofProject ? 8 : 90))
  }

  /// Paths such as `stages.*.clean.steps[].reject.where`, with `!` where the key is required.
  private func keys(of shape: Shape, at path: String) -> Set<String> {
    func below(_ keys: [KeyShape]) -> Set<String> {
      keys.reduce(into: []) { all, key in
        let name = "\(path).\(key.name)"
        all.insert(key.isRequired ? name + "!" : name)
        all.formUnion(self.keys(of: key.shape, at: name))
      }
    }
    switch shape {
    case .word, .choice: return []
    case .list(let element), .oneOrMany(let element): return keys(of: element, at: path + "[]")
    case .either(let shape, let other):
      return keys(of: shape, at: path).union(keys(of: other, at: path))
    case .entries(let value, _): return keys(of: value, at: path + ".*")
    case .record(let record): return below(record.keys)
    case .oneOf(let cases): return below(cases)
    case .ofAnyKind:
      return StageRegistry.builtIn.kinds.reduce(into: below(StageOptions.shape.keys)) {
        $0.insert("\(path).\($1.kind)")
        $0.formUnion(keys(of: $1.shape, at: "\(path).\($1.kind)"))
      }
    }
  }

  private func keys(of schema: JSONValue, at path: String) -> Set<String> {
    var found: Set<String> = []
    if case .object(let properties)? = schema["properties"] {
      #expect(schema["additionalProperties"] == false, "\(path)")
      var required: [JSONValue] = []
      if case .array(let names)? = schema["required"] { required = names }
      for (name, value) in properties {
        let key = "\(path).\(name)"
        found.insert(required.contains(.string(name)) ? key + "!" : key)
        #expect(value["description"]?.string?.isEmpty == false, "\(key)")
        found.formUnion(keys(of: value, at: key))
      }
    }
    if case .object(let patterns)? = schema["patternProperties"] {
      #expect(schema["additionalProperties"] == false && patterns.count == 1, "\(path)")
      for value in patterns.values { found.formUnion(keys(of: value, at: path + ".*")) }
    }
    if let items = schema["items"] { found.formUnion(keys(of: items, at: path + "[]")) }
    // One or many: the many say it all.
    if case .array(let choices)? = schema["anyOf"] {
      found.formUnion(keys(of: choices[1], at: path))
    }
    return found
  }
}

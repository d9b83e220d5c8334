import Foundation

/// Python's jsonschema, an implementation of JSON Schema that is not ours.
public enum SchemaWitness {
  public static let isThere = (try? run("import jsonschema, yaml", input: "")) != nil

  public struct Failed: Error, CustomStringConvertible { public let description: String }

  /// For each text the first complaint about it by a schema, which is JSON; nil where it is valid.
  /// JSON is read as YAML too.
  public static func complaints(
    about texts: [String], schema: String, isJSON: Bool = false
  ) throws -> [String?] {
    let task = Task(schema: schema, texts: texts, json: isJSON)
    let input = String(decoding: try JSONEncoder().encode(task), as: UTF8.self)
    return try JSONDecoder().decode([String?].self, from: Data(try run(script, input: input).utf8))
  }

  private struct Task: Encodable {
    let schema: String
    let texts: [String]
    let json: Bool
  }

  // PyYAML knows YAML 1.1; of its guesses only those are kept that YAML 1.2 makes too.
  private static let script = """
    import json, re, sys, jsonschema, yaml
    class Loader(yaml.SafeLoader): pass
    Loader.yaml_implicit_resolvers = {}
    def guess(tag, pattern, first):
        Loader.add_implicit_resolver('tag:yaml.org,2002:' + tag, re.compile(pattern), list(first))
    guess('bool', '^(true|True|TRUE|false|False|FALSE)$', 'tTfF')
    guess('int', '^[-+]?[0-9]+$', '-+0123456789')
    guess('float', '^[-+]?([.][0-9]+|[0-9]+([.][0-9]*)?)([eE][-+]?[0-9]+)?$', '-+.0123456789')
    guess('null', '^(~|null|Null|NULL|)$', ['~', 'n', 'N', ''])
    task = json.load(sys.stdin)
    schema = json.loads(task['schema'])
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    found = []
    for text in task['texts']:
        value = json.loads(text) if task['json'] else yaml.load(text, Loader)
        error = next(validator.iter_errors(value), None)
        found.append(None if error is None else '/'.join(map(str, error.path)) + ': ' + error.message)
    json.dump(found, sys.stdout)
    """

  @discardableResult
  private static func run(_ script: String, input: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("roost-schema-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
    try Data(input.utf8).write(to: files[0])
    for file in files[1...] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(description: try String(contentsOf: files[2], encoding: .utf8))
    }
    return try String(contentsOf: files[1], encoding: .utf8)
  }
}

import PipelineFiles
import Relations

extension StepCount {
  /// For a program.
  var json: JSONValue {
    var object: [String: JSONValue] = [
      "step": .string(label), "looks_at": .string(isAsOf ? "as-of" : "row"),
      "changed": .integer(changed), "removed": .integer(removed), "rejected": .integer(rejected),
    ]
    if !unreadable.isEmpty {
      object["unreadable"] = .object(
        Dictionary(
          unreadable.map { ($0.column, .integer($0.count)) }, uniquingKeysWith: { a, _ in a }))
    }
    return .object(object)
  }
}

import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// What becomes of NaN and infinity in columns of floating point.
enum NonFinite: String, Choice { case null, refuse, keep }

/// Numbers of a source that are no numbers, which would make sums, means and models no numbers either.
struct NonFiniteNumbers {
  let fate: NonFinite
  let relation: RelationShape
  /// Columns of the key whose values may not be told.
  let secret: Set<String>

  /// How many there are, by column.
  private(set) var counts: [(column: String, count: Int)] = []

  init(_ fate: NonFinite, of relation: RelationShape, secret: Set<String>) {
    self.fate = fate
    self.relation = relation
    self.secret = secret
  }

  /// The rows with nulls in their place, or as they are.
  /// - Throws: `StageFailure` where they are refused, or stand where no null may.
  mutating func applied(to frame: Frame) throws -> Frame {
    var result = frame
    for (field, column) in zip(frame.schema.fields, frame.columns) where field.type.isFloat {
      guard case .float64(let values) = column.values else { continue }
      let isOdd = { (row: Int) in !values[row].isFinite && !column.isNull(row) }
      let count = values.indices.count(where: isOdd)
      guard count > 0 else { continue }
      counts.append((field.name, count))
      if fate == .keep { continue }
      let mayBeNull = relation.schema[field.name]?.isNullable ?? field.isNullable
      if fate == .refuse || !mayBeNull {
        throw try refusal(field.name, count, frame, at: values.indices.first(where: isOdd) ?? 0)
      }
      let validity = values.indices.map { values[$0].isFinite && !column.isNull($0) }
      result = result.setting(
        field, to: Column(type: field.type, values: column.values, validity: validity))
    }
    return result
  }

  private func refusal(
    _ column: String, _ count: Int, _ frame: Frame, at row: Int
  ) throws -> StageFailure {
    let keys = relation.key.contains(where: secret.contains) ? [] : relation.key
    let names = try keys.map { "\($0) \(try frame.column($0).keyTexts[row])" }
    let first = names.isEmpty ? "" : ", the first of them that of \(names.joined(separator: ", "))"
    return StageFailure(
      "column \"\(column)\" has NaN or infinity in \(count) of \(frame.rowCount) rows\(first)",
      help: fate == .refuse
        ? "mend the rows, or say non_finite: null"
        : "the column may not be null: mend the rows, read them as null in a SELECT, or say "
          + "non_finite: keep")
  }

  var warnings: [String] {
    guard fate == .null else { return [] }
    return counts.map {
      "\($0.count) rows have NaN or infinity in \($0.column), which was read as null: mend them, or say "
        + "non_finite: keep"
    }
  }

  var notes: [String] {
    guard fate == .keep else { return [] }
    return counts.map { "\($0.count) rows have NaN or infinity in \($0.column)" }
  }

  var details: [String: JSONValue] {
    guard !counts.isEmpty else { return [:] }
    let columns = Dictionary(
      counts.map { ($0.column, JSONValue.integer($0.count)) },
      uniquingKeysWith: { first, _ in first })
    return ["non_finite": .object(columns)]
  }
}

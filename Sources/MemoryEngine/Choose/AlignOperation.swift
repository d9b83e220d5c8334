import Expressions
import Frames
import Relations

/// Puts the rows beside one another that several relations have for a key at an as-of.
public struct AlignOperation: RowOperation {
  let alignment: Alignment
  let parts: [SourceRelation]
  /// What the parts are called, in messages.
  let names: [String]
  /// Of what comes out.
  let schema: Schema

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome {
    RowOutcome(frame: try await aligned(asOf: context.asOf).frame, changed: 0)
  }

  /// The rows, and how many of each further part's rows the first has, and the other way.
  func aligned(asOf: Instant) async throws -> (frame: Frame, finds: [KeyFinds]) {
    let key = alignment.key
    let first = try await parts[0].frame(asOf: asOf)
    let firstKeys = try first.columns(key)
    // Whoever stands there twice, once with a consent and once without, must not be contacted.
    guard Grouping(by: firstKeys, rowCount: first.rowCount).count == first.rowCount else {
      throw try severalRows(first, of: names[0])
    }
    var frames = [first]
    var finds: [KeyFinds] = []
    for (part, name) in zip(parts, names).dropFirst() {
      try Task.checkCancellation()
      let frame = try await part.frame(asOf: asOf)
      let keys = try frame.columns(key)
      let match = KeyMatch(of: firstKeys, in: keys)
      if match.duplicate != nil { throw try severalRows(frame, of: name) }
      finds.append(KeyFinds(name, keys, in: names[0], firstKeys, by: key))
      finds.append(KeyFinds(names[0], firstKeys, in: name, keys, by: key))
      frames.append(frame.selecting(alignment.columns(of: frames.count)).taking(match.rows))
    }
    var columns = firstKeys
    for taken in alignment.columns { columns.append(try frames[taken.input].column(taken.column)) }
    return (Frame(schema: schema, columns: columns, rowCount: first.rowCount), finds)
  }

  /// Why a part cannot be put beside others that has several rows for one key: how many, and one of them
  /// where the key is a number or uuid of nobody in particular.
  private func severalRows(_ frame: Frame, of stage: String) throws -> StageFailure {
    let key = alignment.key
    let columns = try frame.columns(key)
    let names = key.joined(separator: ", ")
    let grouping = Grouping(by: columns, rowCount: frame.rowCount)
    var rows = [Int](repeating: 0, count: grouping.count)
    for group in grouping.groups { rows[Int(group)] += 1 }
    let repeated = rows.count { $0 > 1 }
    var example = ""
    let lacking = zip(key, columns).first { $1.nullCount > 1 }?.0
    let isPlain = key.allSatisfy { name in
      guard let field = schema[name] else { return false }
      return !field.isPersonal && [.int2, .int4, .int8, .uuid].contains(field.type)
    }
    if isPlain, let group = rows.firstIndex(where: { $0 > 1 }) {
      let row = Int32(grouping.firstRows[group])
      let values = columns.map { $0.isNull(Int(row)) ? "null" : $0.taking([row]).keyTexts[0] }
      example = ", such as \(values.joined(separator: ", ")) (\(rows[group]) rows)"
    }
    return StageFailure(
      "stage \(stage) must have one row for each \(names), and \(repeated) "
        + "\(repeated == 1 ? "stands" : "stand") in several\(example)",
      help: lacking.map { "reject the rows without \($0) in a clean stage before it is used here" }
        ?? "deduplicate it by \(names) in a clean stage before it is used here")
  }
}

extension Alignment {
  /// The columns of one of its inputs, each once.
  fileprivate func columns(of input: Int) -> [String] {
    columns.filter { $0.input == input }.map(\.column).removingRepeats
  }
}

extension KeyFinds {
  /// - Parameters:
  ///   - keys: of the rows that are counted.
  ///   - searched: of the other relation.
  init(
    _ stage: String, _ keys: [Column], in other: String, _ searched: [Column], by key: [String]
  ) {
    let rows = keys.first?.count ?? 0
    self.init(
      stage: stage, other: other, key: key.joined(separator: ", "), rows: rows,
      unnamed: (0..<rows).count { row in keys.contains { $0.isNull(row) } },
      found: rows == 0 ? 0 : KeyMatch(of: keys, in: searched).rows.count { $0 >= 0 })
  }
}

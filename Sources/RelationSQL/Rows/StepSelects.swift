import Expressions
import Frames
import Relations

extension RelationPrinter {
  /// The SELECT of a step over rows.
  func select(_ step: RowStep, over rows: Rows) throws(UnprintableRows) -> String {
    switch step {
    case .deduplicate(let step): deduplicated(step, rows)
    case .reject(let step): try rejected(step, rows)
    case .assign(let step): try assigned(step, rows)
    case .read(let step): try read(step, rows)
    case .map(let step): mapped(step, rows)
    case .normalize(let step): try normalized(step, rows)
    case .clip(let step): try clipped(step, rows)
    case .fill(let step): try filled(step, rows)
    case .compare(let step): try compared(step, rows)
    case .hash(let step): try hashed(step, rows)
    case .sequence(let step): try sequenced(step, rows)
    }
  }

  /// All columns after a step, those that it makes by SQL of their own.
  func select(
    _ step: any RowStepMeaning, _ rows: Rows, _ made: [String: String], from: String? = nil
  ) -> String {
    var schema = rows.shape.schema
    for field in step.fields { schema.set(field) }
    return "select \(list(schema, made))\nfrom \(from ?? rows.name)"
  }

  private func deduplicated(_ step: RowStep.Deduplicate, _ rows: Rows) -> String {
    let schema = rows.shape.schema
    let (by, order) = partition(
      step.by, step.order, step.labels, isDescending: step.keep == .latest, schema)
    let rank = name("roost rank")
    return """
      select \(list(schema))
      from (
        select *, row_number() over (
          partition by \(by)
          order by \(order)) as \(rank)
        from \(rows.name)
      ) as ranked
      where \(rank) = 1
      """
  }

  /// How rows are put together by columns, and ordered by one and then by all others.
  func partition(
    _ by: [String], _ order: String, _ labels: [String]?, isDescending: Bool, _ schema: Schema
  ) -> (by: String, order: String) {
    let first = schema[order].map { field in
      var field = field
      field.labels = labels
      return ordered(field) + (isDescending ? " desc" : "") + " nulls last"
    }
    let rest = schema.fields.filter { $0.name != order }.map {
      // The engine orders an enum's texts by their bytes where they only break ties.
      var field = $0
      field.labels = nil
      return ordered(field)
    }
    return (
      by.compactMap { schema[$0] }.map { grouped($0) }.joined(separator: ", "),
      ([first].compactMap(\.self) + rest).joined(separator: ", ")
    )
  }

  private func rejected(
    _ step: RowStep.Reject, _ rows: Rows
  ) throws(UnprintableRows) -> String {
    let condition = try expression(step.condition, in: step.label)
    return "\(select(step, rows, [:]))\nwhere (\(condition)) is not true"
  }

  private func assigned(
    _ step: RowStep.Assign, _ rows: Rows
  ) throws(UnprintableRows) -> String {
    var made: [String: String] = [:]
    for setting in step.settings {
      made[setting.field.name] = try expression(setting.expression, in: step.label)
    }
    return select(step, rows, made)
  }

  private func mapped(_ step: RowStep.Map, _ rows: Rows) -> String {
    let column = name(step.field.name)
    func text(_ bytes: [UInt8]) -> String {
      dialect.literal(String(decoding: bytes, as: UTF8.self))
    }
    let entries = step.table.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    // What becomes itself needs no branch where everything else stays.
    let branches = entries.compactMap { entry -> String? in
      if let target = entry.value, Array(target.utf8) == entry.key {
        return step.otherwise == .keep ? nil : "when \(text(entry.key)) then \(column)"
      }
      return "when \(text(entry.key)) then \(entry.value.map(dialect.literal) ?? "null")"
    }
    let otherwise = step.otherwise == .null ? "null" : column
    let value =
      branches.isEmpty
      ? otherwise : "case \(column) \(branches.joined(separator: " ")) else \(otherwise) end"
    let selected = select(step, rows, [step.field.name: value])
    guard step.rejects else { return selected }
    let known = entries.map { text($0.key) }.joined(separator: ", ")
    return selected + "\nwhere \(column) is null"
      + (known.isEmpty ? "" : " or \(column) in (\(known))")
  }

  private func hashed(_ step: RowStep.Hash, _ rows: Rows) throws(UnprintableRows) -> String {
    var made: [String: String] = [:]
    for column in step.columns { made[column] = try hashed(column) }
    return select(step, rows, made)
  }

  /// The keyed hash of a column, by HMAC's definition.
  func hashed(_ column: String) throws(UnprintableRows) -> String {
    guard let key = spelling.hashKey else {
      throw UnprintableRows("hash \(column)", "the hash key, which is printed nowhere")
    }
    let message = "convert_to(\(name(column))::text, 'UTF8')"
    return "encode(sha256(\(key.outer) || sha256(\(key.inner) || \(message))), 'hex')"
  }
}

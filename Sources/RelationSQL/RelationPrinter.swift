import Expressions
import Frames
import Relations

extension RelationPlan {
  /// The rows as SQL that makes the same ones, in the order of their key.
  ///
  /// Each operator becomes one part of a WITH clause, so that the SQL reads as the file does.
  /// - Throws: where it uses what the dialect cannot say.
  public func sql(
    in dialect: Dialect, _ spelling: RelationSpelling
  ) throws(UnprintableRows) -> PrintedRelation {
    var printer = RelationPrinter(dialect: dialect, spelling: spelling)
    let rows = try printer.print(self)
    let shape = shape
    if case .stage = self {
      _ = printer.part(
        of: shape.schema, "as handed on",
        "select \(printer.list(shape.schema))\nfrom \(rows.name)")
    }
    var printed = printer.printed
    printed.columns = shape.schema.fields.map { field in
      let name = dialect.identifier(field.name)
      // What is made of numerics loses its digits in Postgres, and Roost reads no numeric without.
      guard case .numeric = field.type, printer.made.contains(field.name) else { return name }
      return "\(name)::\(dialect.type(field.type)) as \(name)"
    }
    printed.order = shape.key.compactMap { shape.schema[$0] }.map(printer.ordered)
    return printed
  }
}

/// Walks over a plan; operators print themselves in files of their own.
struct RelationPrinter {
  let dialect: Dialect
  var spelling: RelationSpelling
  /// What is added to the names of stages, where they are seen at another instant too.
  var suffix = ""
  var printed = PrintedRelation()
  /// Columns that were worked out.
  var made: Set<String> = []

  init(dialect: Dialect, spelling: RelationSpelling) {
    self.dialect = dialect
    self.spelling = spelling
  }

  /// Rows that later parts read by a name.
  struct Rows {
    /// As it stands in a FROM clause.
    let name: String
    let shape: RelationShape
    /// What its parts are called by: the stage whose rows they are.
    let stem: String
  }

  mutating func print(
    _ plan: RelationPlan, _ rows: RelationSpelling.Rows = .seen
  ) throws(UnprintableRows) -> Rows {
    switch plan {
    case .stage(let name, let shape):
      return Rows(name: try source(name, rows), shape: shape, stem: name)
    case .scan(let scan):
      return Rows(name: try self.scan(scan, rows), shape: scan.shape, stem: scan.stage)
    case .step(let step, let input):
      let before = try print(input, rows)
      let select = try self.select(step, over: before)
      let shape = step.shape(after: before.shape)
      made.formUnion(step.meaning.fields.map(\.name))
      return Rows(
        name: part(of: shape.schema, step.label, select, stem: before.stem), shape: shape,
        stem: before.stem)
    case .join(let join, let left, let right):
      return try self.join(join, left, right, plan.shape, rows)
    case .union(let union, let inputs):
      var parts: [Rows] = []
      for input in inputs { parts.append(try print(input, rows)) }
      let select = self.union(union, parts, plan.shape)
      let stem = "\(plan.name) and others"
      return Rows(
        name: part(of: plan.shape.schema, "put together", select, stem: stem), shape: plan.shape,
        stem: stem)
    case .aggregate(let aggregation, let entities, let sources):
      return try aggregate(aggregation, entities, sources, plan.shape)
    case .identify:
      // WITH RECURSIVE finds what hangs together, but not who is nearest to its least: it does not see
      // whom it has found already.
      throw UnprintableRows(
        "identify", "whom an account is tied to, which is found step by step")
    case .align(let alignment, let inputs):
      return try align(alignment, inputs, plan.shape, rows)
    case .choose(let choice, let input): return try choose(choice, input, plan.shape, rows)
    }
  }

  /// Where the rows of a stage are; what is no table becomes a part of its own, once.
  private mutating func source(
    _ stage: String, _ rows: RelationSpelling.Rows
  ) throws(UnprintableRows) -> String {
    switch spelling.stage(stage, rows) {
    case .table(let name): return name
    case .select(let select):
      let (name, about) = named(stage, rows)
      if !isPrinted(name) { printed.add(name, about, select) }
      return name
    case .plan(let plan):
      let (name, about) = named(stage, rows)
      guard !isPrinted(name) else { return name }
      let made = try print(plan, rows)
      if made.name != name {
        printed.add(name, about, "select \(list(plan.shape.schema))\nfrom \(made.name)")
      }
      return name
    }
  }

  func isPrinted(_ name: String) -> Bool { printed.parts.contains { $0.name == name } }

  /// What the part with a stage's rows is called: by a name that no stage has, and hardly a table.
  func named(
    _ stage: String, _ rows: RelationSpelling.Rows
  ) -> (name: String, about: String) {
    switch rows {
    case .seen:
      (dialect.identifier("\(stage) seen\(suffix)"), "\(stage), as seen by the as-of")
    case .known:
      (
        dialect.identifier("\(stage) ever\(suffix)"),
        "\(stage), all that was known before the as-of"
      )
    }
  }

  /// Adds a part.
  /// - Returns: its name, as it is written.
  mutating func part(
    of schema: Schema, _ about: String, _ select: String, stem: String? = nil
  ) -> String {
    var count = 1
    var name = dialect.identifier("\(stem ?? "rows") \(count)")
    while isPrinted(name) {
      count += 1
      name = dialect.identifier("\(stem ?? "rows") \(count)")
    }
    // A comment ends with its line.
    let about = about.split(whereSeparator: \.isNewline).joined(separator: " ")
    printed.add(name, about, select)
    return name
  }

  // MARK: Words

  func name(_ column: String) -> String { dialect.identifier(column) }

  /// The columns of a schema, each as it is but for those that are given otherwise.
  func list(
    _ schema: Schema, of table: String? = nil, _ others: [String: String] = [:]
  ) -> String {
    let items = schema.names.map { column in
      others[column].map { "\($0) as \(name(column))" }
        ?? ((table.map { "\($0)." } ?? "") + name(column))
    }
    var lines: [String] = []
    var line = ""
    for (place, item) in items.enumerated() {
      let text = item + (place == items.count - 1 ? "" : ",")
      if !line.isEmpty, line.count + text.count > 90 {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? text : " \(text)"
    }
    return (lines + [line]).joined(separator: "\n  ")
  }

  func expression(
    _ expression: TypedExpression, in step: String
  ) throws(UnprintableRows) -> String {
    do throws(Unprintable) {
      return try expression.sql(in: dialect, spelling.expressions)
    } catch {
      throw UnprintableRows(step, error)
    }
  }

  /// A column as it is ordered by: texts by their bytes, enums by their labels.
  func ordered(_ field: Field) -> String { ordered(field, name(field.name)) }

  func ordered(_ field: Field, _ text: String) -> String {
    if let labels = field.labels { return place(of: text, in: labels) }
    return switch field.type {
    case .text: "\(text) collate \"C\""
    case .jsonb: "\(text)::text collate \"C\""
    default: text
    }
  }

  func place(of text: String, in labels: [String]) -> String {
    "array_position(\(array(labels)), \(text))"
  }

  func array(_ texts: [String]) -> String {
    "array[\(texts.map(dialect.literal).joined(separator: ", "))]::text[]"
  }

  /// A column by which rows are put together: equal where the frames' values are.
  func grouped(_ field: Field, _ table: String? = nil) -> String {
    let text = (table.map { "\($0)." } ?? "") + name(field.name)
    return field.type == .jsonb ? "\(text)::text" : text
  }

  /// A time as an instant.
  func instant(_ field: Field, _ text: String) -> String {
    let zone = dialect.literal(spelling.expressions.zone.name)
    return switch field.type {
    case .date: "(\(text)::timestamp at time zone \(zone))"
    case .timestamp: "(\(text) at time zone \(zone))"
    default: text
    }
  }
}

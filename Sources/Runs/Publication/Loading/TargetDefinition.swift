import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// A published table as it is kept with what a run loaded for it, so that it can be published without
/// the pipeline's file.
struct TargetDefinition {
  let table: TargetTable

  /// - Parameter name: the table's name in the run's environment.
  init(_ table: TargetTable, as name: QualifiedName) {
    self.table = TargetTable(
      name: name, schema: table.schema, key: table.key, about: table.about, keep: table.keep,
      mode: table.mode, changeLimit: table.changeLimit)
  }

  /// Nil where the text is none of ours.
  init?(_ json: JSONValue?) {
    guard let json, let name = json["table"]?.string, let about = json["about"]?.string,
      let mode = json["mode"]?.string.flatMap(WriteMode.init), let key = json["key"]?.texts,
      case .array(let columns)? = json["columns"]
    else { return nil }
    let fields = columns.compactMap(Self.field)
    guard fields.count == columns.count else { return nil }
    let limit = json["max_change"]?.double.map {
      ChangeLimit(share: $0, columns: json["max_change_columns"]?.texts)
    }
    table = TargetTable(
      name: QualifiedName(schema: json["schema"]?.string, name: name), schema: Schema(fields),
      key: key, about: about, keep: json["keep"]?.string.flatMap(Self.keep), mode: mode,
      changeLimit: limit)
  }

  private static func keep(_ text: String) -> Span? {
    try? PipelineFiles.Duration(
      parsing: Snippet(file: SourceFile(name: "keep", text: text))
    ).span
  }

  private static func field(_ json: JSONValue) -> Field? {
    guard let name = json["name"]?.string,
      let type = json["type"]?.string.flatMap(ColumnType.init(sqlName:))
    else { return nil }
    return Field(
      name, type, isNullable: json["nullable"] == true, isPersonal: json["personal"] == true,
      followsAsOf: json["follows_as_of"] == true, about: json["about"]?.string)
  }

  var json: JSONValue {
    .object([
      "schema": table.name.schema.map { .string($0) } ?? .null, "table": .string(table.name.name),
      "mode": .string(table.mode.rawValue), "about": .string(table.about),
      "key": .array(table.key.map { .string($0) }),
      "columns": .array(
        table.schema.fields.map { field in
          .object([
            "name": .string(field.name), "type": .string(field.type.sqlName),
            "nullable": .bool(field.isNullable), "personal": .bool(field.isPersonal),
            "follows_as_of": .bool(field.followsAsOf),
            "about": field.about.map { .string($0) } ?? .null,
          ])
        }),
      "keep": table.keep.map { .string($0.description) } ?? .null,
      "max_change": table.changeLimit.map { .number($0.share) } ?? .null,
      "max_change_columns": table.changeLimit?.columns.map {
        .array($0.map { .string($0) })
      } ?? .null,
    ])
  }
}

extension ColumnType {
  /// The type that Postgres writes so; nil where it is none that a frame can hold.
  init?(sqlName: String) {
    let plain: [ColumnType] = [
      .bool, .int2, .int4, .int8, .float4, .float8, .text, .date, .timestamp, .timestamptz,
      .interval, .uuid, .jsonb,
    ]
    if let type = plain.first(where: { $0.sqlName == sqlName }) {
      self = type
      return
    }
    guard let match = sqlName.wholeMatch(of: /numeric\((\d+),(\d+)\)/),
      let precision = Int(match.1), let scale = Int(match.2)
    else { return nil }
    self = .numeric(precision: precision, scale: scale)
  }
}

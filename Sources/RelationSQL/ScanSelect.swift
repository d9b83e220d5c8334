import Expressions
import Frames
import Relations

extension RelationPrinter {
  /// The rows of a source, as they are read and seen.
  mutating func scan(
    _ scan: Scan, _ rows: RelationSpelling.Rows
  ) throws(UnprintableRows) -> String {
    let (part, about) = named(scan.stage, rows)
    guard !isPrinted(part) else { return part }
    var read: [String: String] = [:]
    for field in scan.source.fields {
      if let text = try self.read(field, in: scan) { read[field.name] = text }
    }
    let columns = list(scan.shape.schema, read)
    let seen = scan.shape.visibility(rows, in: dialect, spelling.expressions)
    let plain = "select \(columns)\nfrom \(scan.subquery) as source"
    guard let seen else {
      printed.add(part, about, plain)
      return part
    }
    // A condition sees the columns of the source, not those of the list.
    let times = [scan.shape.time, scan.shape.arrived, scan.shape.validTo].compactMap(\.self)
    if times.allSatisfy({ read[$0] == nil }) {
      printed.add(part, about, "\(plain)\nwhere \(seen)")
    } else {
      let inner = self.part(of: scan.shape.schema, "as it is read", plain, stem: scan.stage)
      printed.add(part, about, "select \(list(scan.shape.schema))\nfrom \(inner)\nwhere \(seen)")
    }
    return part
  }

  /// How a column is read that is not handed on as it is; nil for those that are.
  private func read(_ field: Field, in scan: Scan) throws(UnprintableRows) -> String? {
    let column = name(field.name)
    if scan.hash?.columns.contains(field.name) == true { return try hashed(field.name) }
    if let zone = scan.zones[field.name] {
      let time = field.type == .date ? "\(column)::timestamp" : column
      return "\(time) at time zone \(dialect.literal(zone.name))"
    }
    if field.labels != nil { return "\(column)::text" }
    if scan.dropsNonFinite, field.type.isFloat, field.isNullable {
      return "nullif(nullif(nullif(\(column), 'nan'), 'infinity'), '-infinity')"
    }
    return nil
  }
}

import Frames

/// Columns of a source whose times say no zone, and the zone that their extract says. The instants are
/// made as the rows are read, so that all stages see one and the same.
struct ZonedTimes: Sendable, Hashable {
  let zone: CalendarZone
  /// Columns of type `timestamp`, and of type `date` where they say when a row happened, became known
  /// or holds.
  let columns: [String]

  /// - Parameters:
  ///   - times: columns that say when a row happened, became known or holds. Other dates are days, such
  ///     as birthdays, and no instants.
  init(zone: CalendarZone, in schema: Schema, times: [String]) {
    self.zone = zone
    columns = schema.fields.filter { field in
      field.type == .timestamp || field.type == .date && times.contains(field.name)
    }.map(\.name)
  }

  var label: String { "read \(columns.joined(separator: ", ")) in \(zone.name)" }

  func applied(to schema: Schema) -> Schema {
    Schema(
      schema.fields.map { field in
        guard columns.contains(field.name) else { return field }
        var zoned = field
        zoned.type = .timestamptz
        return zoned
      })
  }

  func applied(to frame: Frame) -> Frame {
    Frame(
      schema: applied(to: frame.schema),
      columns: zip(frame.schema.names, frame.columns).map { name, column in
        guard columns.contains(name), let instants = column.instants(in: zone) else {
          return column
        }
        return Column(type: .timestamptz, values: .int64(instants), validity: column.validity)
      }, rowCount: frame.rowCount)
  }
}

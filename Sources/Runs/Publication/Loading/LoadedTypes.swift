import Catalog
import Frames
import PipelineFiles
import PostgresClient
import Relations

/// The types in which rows wait for a table that stands: their own, but for enums, whose labels are texts
/// until they are there.
package struct LoadedTypes: Sendable {
  private let enums: [String: WritableTable.Column]

  package init(of layout: TargetLayout, on connection: PostgresConnection) async throws {
    let standing =
      layout.table.mode.isRoosts ? nil : try await connection.writableTable(layout.name)
    enums = Dictionary(
      (standing?.columns ?? []).filter { !$0.labels.isEmpty }.map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  package func type(of field: Field) -> String {
    enums[field.name]?.plainType ?? field.type.sqlName
  }

  /// - Throws: `StageFailure` where rows hold what an enum has no label for: how many, never what.
  func check(_ frame: Frame, for layout: TargetLayout) throws {
    for name in frame.schema.names {
      guard let column = enums[name], let values = frame[name],
        case .text(let codes, let dictionary) = values.values
      else { continue }
      let labels = Set(column.labels)
      let isKnown = (0..<Int32(dictionary.count)).map { labels.contains(dictionary[$0]) }
      let unknown = codes.indices.count { !values.isNull($0) && !isKnown[Int(codes[$0])] }
      guard unknown > 0 else { continue }
      throw StageFailure(
        "\(unknown) of \(frame.rowCount) rows for \(layout.target) have a value of \(name) that "
          + "\(column.plainType) has no label for; it has \(column.labels.joined(separator: ", "))",
        help: "map: or reject: them in a clean stage, or ALTER TYPE \(column.plainType) ADD VALUE",
        isBlockedByCheck: true)
    }
  }
}

import Foundation
import Frames
import TestSupport

/// A folder of one test, gone after it.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory
    .appending(component: "roost-frames-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

extension SeededGenerator {
  /// A frame of any schema, with any values, nulls, and lengths around the places where something
  /// begins anew.
  mutating func frame() -> Frame {
    let rows =
      [0, 1, 7, 8, 9, Int.random(in: 2...300, using: &self)].randomElement(using: &self) ?? 0
    let fields = (0..<Int.random(in: 0...8, using: &self)).map { place in
      Field(
        "c\(place) ä\"\n", type(), isNullable: .random(using: &self),
        isPersonal: .random(using: &self), changesInPlace: .random(using: &self),
        isFromManyRows: .random(using: &self), followsAsOf: .random(using: &self),
        values: Bool.random(using: &self) ? ["a", ""] : nil,
        labels: Bool.random(using: &self) ? ["b", "", "ä\n"] : nil,
        about: Bool.random(using: &self) ? "Ünïcode\u{0}" : nil)
    }
    return Frame(
      schema: Schema(fields), columns: fields.map { column($0.type, rows) }, rowCount: rows)
  }

  mutating func type() -> ColumnType {
    [
      .bool, .int2, .int4, .int8, .float4, .float8, .numeric(precision: 12, scale: 2),
      .numeric(precision: 38, scale: 10), .numeric(precision: 5, scale: -3), .text, .date,
      .timestamp, .timestamptz, .interval, .uuid, .jsonb,
    ].randomElement(using: &self) ?? .bool
  }

  mutating func column(_ type: ColumnType, _ rows: Int) -> Column {
    var builder = ColumnBuilder(type: type)
    let nulls = [0, 0, 30, 100].randomElement(using: &self) ?? 0
    for _ in 0..<rows {
      if Int.random(in: 0..<100, using: &self) < nulls {
        builder.appendNull()
        continue
      }
      switch type.storage {
      case .bool: builder.append(Bool.random(using: &self))
      case .int64: builder.append(Int64(bitPattern: next()))
      case .int128: builder.append(Int128(Int64(bitPattern: next())) << 60)
      case .float64: builder.append(Double(bitPattern: next()))
      case .text:
        builder.append(String(repeating: "ä\u{0}x", count: Int.random(in: 0...40, using: &self)))
      case .interval:
        builder.append(
          IntervalValue(
            months: Int32(truncatingIfNeeded: next()), days: Int32(truncatingIfNeeded: next()),
            microseconds: Int64(bitPattern: next())))
      }
    }
    return builder.build()
  }
}

/// A small frame with a column of each kind of buffer.
let smallFrame = Frame(
  schema: Schema([
    Field("id", .int4), Field("name", .text, isPersonal: true), Field("is_new", .bool),
  ]),
  columns: [
    Column(type: .int4, values: .int64([1, 2, 3]), validity: [true, false, true]),
    Column(type: .text, values: .text([0, 1, 0], TextDictionary(["Åsa", "Bo"]))),
    Column(type: .bool, values: .bool([true, false, true])),
  ], rowCount: 3)

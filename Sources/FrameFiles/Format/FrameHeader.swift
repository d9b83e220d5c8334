import Foundation
import Frames

/// What stands in a frame file before its values: from it the place of every block follows.
struct FrameHeader: Codable, Sendable {
  let rows: Int
  let columns: [ColumnHeader]
  /// What the writer wants to be known of the frame.
  let notes: [String: String]

  init(_ frame: Frame, notes: [String: String]) {
    rows = frame.rowCount
    columns = zip(frame.schema.fields, frame.columns).map(ColumnHeader.init)
    self.notes = notes
  }

  /// JSON with sorted keys: equal headers are equal bytes.
  var bytes: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self))
    }
  }

  /// Nil where a number is not one that a frame can have.
  init?(_ bytes: [UInt8]) {
    guard let header = try? JSONDecoder().decode(FrameHeader.self, from: Data(bytes)),
      (0...Int(Int32.max)).contains(header.rows), header.columns.allSatisfy(\.isSound)
    else { return nil }
    self = header
  }

  var schema: Schema { Schema(columns.map(\.field)) }
}

/// A column as the header describes it.
struct ColumnHeader: Codable, Sendable {
  let name: String
  let type: StoredType
  let isNullable: Bool
  let isPersonal: Bool
  let changesInPlace: Bool
  let isFromManyRows: Bool
  let values: [String]?
  let about: String?
  /// Whether a row is null.
  let hasNulls: Bool
  /// The distinct texts of a text column, and how many bytes they have together.
  /// Nil of frames that an older roost wrote, as of most columns.
  let followsAsOf: Bool?
  let labels: [String]?
  let texts: Int?
  let textBytes: Int?

  init(_ field: Field, _ column: Column) {
    name = field.name
    type = StoredType(column.type)
    isNullable = field.isNullable
    isPersonal = field.isPersonal
    changesInPlace = field.changesInPlace
    isFromManyRows = field.isFromManyRows
    followsAsOf = field.followsAsOf ? true : nil
    values = field.values
    labels = field.labels
    about = field.about
    hasNulls = column.validity != nil
    if case .text(_, let dictionary) = column.values {
      texts = dictionary.count
      textBytes = dictionary.bytes.count
    } else {
      texts = nil
      textBytes = nil
    }
  }

  var field: Field {
    Field(
      name, type.column, isNullable: isNullable, isPersonal: isPersonal,
      changesInPlace: changesInPlace, isFromManyRows: isFromManyRows,
      followsAsOf: followsAsOf == true, values: values, labels: labels, about: about)
  }

  fileprivate var isSound: Bool {
    guard type.column.storage == .text else { return texts == nil && textBytes == nil }
    guard let texts, let textBytes else { return false }
    return (0...Int(Int32.max)).contains(texts) && (0...1 << 48).contains(textBytes)
  }
}

/// A column's type as the header writes it: `int4`, `numeric(12,2)`.
struct StoredType: Codable, Sendable {
  let column: ColumnType

  init(_ column: ColumnType) { self.column = column }

  private static let plain: [String: ColumnType] = [
    "bool": .bool, "int2": .int2, "int4": .int4, "int8": .int8, "float4": .float4,
    "float8": .float8, "text": .text, "date": .date, "timestamp": .timestamp,
    "timestamptz": .timestamptz, "interval": .interval, "uuid": .uuid, "jsonb": .jsonb,
  ]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    if let type = Self.plain[text] {
      column = type
    } else if let match = text.wholeMatch(of: /numeric\((\d{1,2}),(-?\d{1,4})\)/),
      let precision = Int(match.1), let scale = Int(match.2),
      (1...ColumnType.maximumPrecision).contains(precision)
    {
      column = .numeric(precision: precision, scale: scale)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "it is no type of a column")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .numeric(let precision, let scale) = column {
      try container.encode("numeric(\(precision),\(scale))")
    } else {
      try container.encode(Self.plain.first { $0.value == column }?.key)
    }
  }
}

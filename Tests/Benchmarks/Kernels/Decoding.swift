import Frames
import PostgresClient

/// Rows of one column each as COPY sends them, decoded into a column; beside it one look at every byte.
func decodingTable() throws -> Figures {
  let rows = 1_000_000
  var figures = Figures(
    title: "Decoding COPY's bytes",
    meaning: "Million values a second of one type, 2 bytes of row header and 4 of length among "
      + "them; beside it adding up the same bytes eight at a time, which is what memory allows.",
    header: ["type", "Mvalues/s", "scan, Mvalues/s", "times the scan"])
  for sample in WireSample.all {
    let bytes = sample.copy(rows: rows)
    let field = Field("value", sample.column)
    guard let type = HeldType(oid: sample.oid, modifier: sample.modifier) else { continue }
    let decoding = try fastest {
      var decoder = FrameDecoder(Schema([field]), [type], location: "memory")
      try bytes.withUnsafeBytes { all in
        var start = 0
        for end in sample.blockEnds(rows: rows) {
          try decoder.decode(UnsafeRawBufferPointer(rebasing: all[start..<end]))
          start = end
        }
      }
      keep(try decoder.frame())
    }
    let scan = fastest { keep(scanned(bytes)) }
    figures.add(sample.name, count: rows, decoding, scan)
  }
  return figures
}

/// The sum of all bytes, eight at a time.
private func scanned(_ bytes: [UInt8]) -> UInt64 {
  bytes.withUnsafeBytes { all in
    var sum: UInt64 = 0
    for offset in stride(from: 0, to: all.count - 7, by: 8) {
      sum &+= all.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    return sum
  }
}

/// A value as it travels.
private struct WireSample {
  let name: String
  let oid: UInt32
  var modifier: Int32 = -1
  let column: ColumnType
  let value: [UInt8]

  static let all: [WireSample] = [
    WireSample(name: "int8", oid: 20, column: .int8, value: [0, 0, 0, 0, 0, 1, 2, 3]),
    WireSample(
      name: "timestamptz", oid: 1184, column: .timestamptz, value: [0, 2, 9, 4, 5, 1, 2, 3]),
    WireSample(name: "int4", oid: 23, column: .int4, value: [0, 1, 2, 3]),
    WireSample(name: "float8", oid: 701, column: .float8, value: [64, 9, 33, 251, 84, 68, 45, 24]),
    WireSample(name: "bool", oid: 16, column: .bool, value: [1]),
    // 1234.56: three digits of weight 0 to base 10000, of scale 2.
    WireSample(
      name: "numeric(12,2)", oid: 1700, modifier: (12 << 16 | 2) + 4,
      column: .numeric(precision: 12, scale: 2), value: [0, 2, 0, 0, 0, 0, 0, 2, 4, 210, 21, 224]),
    WireSample(name: "text of 9 bytes", oid: 25, column: .text, value: Array("completed".utf8)),
  ]

  private static let header: [UInt8] =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [UInt8](repeating: 0, count: 8)

  private var rowSize: Int { 6 + value.count }

  /// All bytes of the COPY, and readable ones behind them.
  func copy(rows: Int) -> [UInt8] {
    var bytes = Self.header
    bytes.reserveCapacity(bytes.count + rows * rowSize + 32)
    for _ in 0..<rows {
      bytes += [0, 1, 0, 0, 0, UInt8(value.count)]
      bytes += value
    }
    return bytes + [0xff, 0xff] + [UInt8](repeating: 0, count: 30)
  }

  /// Where blocks of about half a megabyte end, the header with the first and the trailer with the
  /// last, as the reader hands them on.
  func blockEnds(rows: Int) -> [Int] {
    let rowsOfBlock = (512 << 10) / rowSize
    let ends = stride(from: rowsOfBlock, to: rows, by: rowsOfBlock).map {
      Self.header.count + $0 * rowSize
    }
    return ends + [Self.header.count + rows * rowSize + 2]
  }
}

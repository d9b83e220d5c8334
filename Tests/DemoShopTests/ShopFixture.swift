import Frames

@testable import DemoShop

/// A shop that several tests look at, made once.
enum ShopFixture {
  static let calendar = HistoryCalendar(end: DemoShop.defaultEnd, days: 540)
  static let generator = ShopGenerator(calendar: calendar, seed: 1)
  static let users: ClosedRange<Int64> = 1...2000
  static let rows = generator.rows(users: users)
  static let truth = Dictionary(uniqueKeysWithValues: rows.truth.map { ($0.traits.user, $0) })

  /// The rows, by user, in some days before an instant of each user's own.
  static func count<Row>(
    _ rows: [Row], user: (Row) -> Int64, at: (Row) -> Int64, days: Int64,
    before: (TruthRow) -> Int64?
  ) -> [Int64: Int] {
    var counts: [Int64: Int] = [:]
    for row in rows {
      guard let person = truth[user(row)], let end = before(person) else { continue }
      if (end - days * Duration.day..<end).contains(at(row)) { counts[user(row), default: 0] += 1 }
    }
    return counts
  }
}

extension Frame {
  /// A digest of all values and nulls, whatever the codes of texts.
  var digest: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
    for column in columns {
      for row in 0..<rowCount {
        if column.isNull(row) {
          add(1)
          continue
        }
        switch column.values {
        case .bool(let values): add(values[row] ? 3 : 2)
        case .int64(let values): add(UInt64(bitPattern: values[row]))
        case .float64(let values): add(values[row].bitPattern)
        case .text(let codes, let texts): for byte in texts.utf8(codes[row]) { add(UInt64(byte)) }
        case .int128, .interval: preconditionFailure("the shop has no such column")
        }
      }
    }
    return hash
  }
}

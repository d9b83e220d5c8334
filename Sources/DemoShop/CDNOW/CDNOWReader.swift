import Frames
import Threads

extension CDNOW {
  /// Reads `orders.csv` or `orders.csv.gz`.
  /// - Throws: `DemoError.cannotRead`; `DemoError.malformed` for the first line that is not as it
  ///   should be, never with the line's values.
  public init(readingFrom path: String) async throws {
    orders = try await onOwnThread(named: "cdnow") {
      try Self.parse(try DataFile.bytes(at: path), path: path)
    }
  }

  static let header = "order_id,customer_id,order_date,quantity,amount"

  static func parse(_ bytes: [UInt8], path: String) throws(DemoError) -> [CDNOWOrder] {
    var orders: [CDNOWOrder] = []
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if number == 1 {
        guard line.elementsEqual(header.utf8) else {
          throw .malformed(path: path, line: 1, reason: "the first line must be \(header)")
        }
      } else if !line.isEmpty {
        orders.append(try order(line, at: (path, number)))
      }
    }
    if orders.isEmpty { throw .malformed(path: path, line: 1, reason: "there are no orders") }
    return orders
  }

  private static func order(
    _ line: ArraySlice<UInt8>, at place: (path: String, line: Int)
  ) throws(DemoError) -> CDNOWOrder {
    func malformed(_ reason: String) -> DemoError {
      .malformed(path: place.path, line: place.line, reason: reason)
    }
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == 5 else {
      throw malformed("\(fields.count) fields instead of 5 (\(header))")
    }
    guard let id = integer(fields[0]) else { throw malformed("order_id is no whole number") }
    guard let customer = integer(fields[1]) else {
      throw malformed("customer_id is no whole number")
    }
    guard let day = day(fields[2]) else {
      throw malformed("order_date is no date of the form YYYY-MM-DD")
    }
    guard let quantity = integer(fields[3]), quantity <= Int64(Int32.max) else {
      throw malformed("quantity is no whole number of 32 bits")
    }
    guard let amount = cents(fields[4]) else {
      throw malformed("amount is no number with at most 8 digits before and 2 after the point")
    }
    return CDNOWOrder(id: id, customer: customer, day: day, quantity: quantity, amount: amount)
  }

  /// A whole number that is not negative.
  private static func integer(_ field: ArraySlice<UInt8>) -> Int64? {
    guard !field.isEmpty, field.count <= 18 else { return nil }
    var value: Int64 = 0
    for byte in field {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    return value
  }

  private static func day(_ field: ArraySlice<UInt8>) -> Int64? {
    let parts = field.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], let year = integer(parts[0]),
      let month = integer(parts[1]), let day = integer(parts[2]), (1...12).contains(month)
    else { return nil }
    let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
    // The 31st of February would be a day of March.
    return date.components == (Int(year), Int(month), Int(day)) ? date.days : nil
  }

  private static func cents(_ field: ArraySlice<UInt8>) -> Int64? {
    let parts = field.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts[0].count <= 8, let whole = integer(parts[0]) else {
      return nil
    }
    guard parts.count == 2 else { return whole * 100 }
    guard parts[1].count <= 2, let fraction = integer(parts[1]) else { return nil }
    return whole * 100 + (parts[1].count == 1 ? fraction * 10 : fraction)
  }
}

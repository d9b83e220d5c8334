import Foundation
import Frames
import Testing

@testable import DemoShop

@Suite struct CDNOWTests {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Pipelines/Fixtures/cdnow/orders.csv.gz").path

  @Test func `reads what is published`() async throws {
    let data = try await CDNOW(readingFrom: Self.path)
    #expect(data.orders.count == 69_659)
    #expect(data.customers.count == 23_570)
    #expect(data.orders.reduce(0) { $0 + $1.amount } == 250_031_563)
    #expect(data.orders.count { $0.amount == 0 } == 80)
    // All first bought in the first quarter of 1997.
    let quarter = CivilDate(year: 1997, month: 1, day: 1)..<CivilDate(year: 1997, month: 4, day: 1)
    #expect(data.customers.allSatisfy { quarter.contains(CivilDate(days: $0.firstDay)) })
  }

  @Test func `reads plain files too`() throws {
    let text = CDNOW.header + "\r\n1,7,1997-02-28,2,3.5\r\n2,7,1997-01-02,1,12\r\n"
    let orders = try CDNOW.parse(Array(text.utf8), path: "orders.csv")
    #expect(orders.map(\.amount) == [350, 1200])
    #expect(orders[0].day == CivilDate(year: 1997, month: 2, day: 28).days)
  }

  @Test(arguments: [
    ("1,7,1997-02-30,1,3.50", "order_date"), ("1,7,97-02-03,1,3.50", "order_date"),
    ("1,,1997-02-03,1,3.50", "customer_id"), ("x,7,1997-02-03,1,3.50", "order_id"),
    ("1,7,1997-02-03,99999999999,3.50", "quantity"), ("1,7,1997-02-03,1,3.505", "amount"),
    ("1,7,1997-02-03,1,1e3", "amount"), ("1,7,1997-02-03,1,", "amount"),
    ("1,7,1997-02-03,1,-3.50", "amount"), ("1,7,1997-02-03,1", "4 fields"),
  ])
  func `says which line is malformed`(line: String, problem: String) throws {
    let text = CDNOW.header + "\n1,7,1997-02-03,1,3.50\n" + line + "\n"
    let error = try #require(throws: DemoError.self) {
      try CDNOW.parse(Array(text.utf8), path: "orders.csv")
    }
    #expect("\(error)".hasPrefix("orders.csv:3: "))
    #expect("\(error)".contains(problem))
  }

  @Test(arguments: ["", "id\n1\n", CDNOW.header, CDNOW.header + "\n"])
  func `refuses files without orders`(text: String) {
    #expect(throws: DemoError.self) { try CDNOW.parse(Array(text.utf8), path: "orders.csv") }
  }

  @Test func `says why a file cannot be read`() async throws {
    await #expect(throws: DemoError.self) {
      try await CDNOW(readingFrom: Self.path + ".missing")
    }
    let broken = FileManager.default.temporaryDirectory.appending(
      path: "roost-\(UUID().uuidString).csv.gz")
    try Data([0x1f, 0x8b, 8, 0, 1, 2, 3]).write(to: broken)
    defer { try? FileManager.default.removeItem(at: broken) }
    let error = await #expect(throws: DemoError.self) {
      try await CDNOW(readingFrom: broken.path)
    }
    #expect(error == .cannotRead(path: broken.path, reason: "gzip cannot unpack it"))
  }
}

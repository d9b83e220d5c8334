import Testing

@testable import PipelineFiles
@testable import Relations

@Suite struct LineageTests {
  private static let graph = LineageGraph([
    (
      "users", "extract",
      [
        "id": ColumnLineage(source: "shop: shop.users.id"),
        "email": ColumnLineage(source: "shop: shop.users.email"),
      ]
    ),
    (
      "people", "clean",
      [
        "id": ColumnLineage(from: [StageColumn("users", "id")]),
        "domain": ColumnLineage(
          from: [StageColumn("users", "email"), StageColumn("users", "id")],
          by: ["split_part(email, '@', 2)", "lower(domain)"]),
      ]
    ),
    (
      "publish", "write",
      [
        "id": ColumnLineage(from: [StageColumn("people", "id")]),
        "domain": ColumnLineage(from: [StageColumn("people", "domain")]),
      ]
    ),
  ])

  @Test func `shows both directions`() {
    #expect(
      LineageText(Self.graph).lines(of: StageColumn("publish", "domain")) == [
        "publish.domain",
        "└ people.domain  = split_part(email, '@', 2), then lower(domain)",
        "  ├ users.email  ← shop: shop.users.email",
        "  └ users.id  ← shop: shop.users.id",
        "", "nothing is made from it",
      ])
    #expect(
      LineageText(Self.graph).lines(of: StageColumn("users", "email")) == [
        "users.email  ← shop: shop.users.email",
        "", "what is made from it", "  people.domain", "    publish.domain",
      ])
  }

  @Test func `finds the shortest way back`() {
    let path = Self.graph.path(from: StageColumn("publish", "domain")) { $0.column == "email" }
    #expect(
      path?.map(\.description) == ["users.email", "people.domain", "publish.domain"].reversed())
    #expect(Self.graph.path(from: StageColumn("publish", "id")) { $0.column == "email" } == nil)
  }

  /// Boxes stand to the right of what they use, none on another, and no line runs through a box that
  /// it does not belong to.
  @Test(arguments: 0..<40) func `lays out without overlaps`(seed: Int) {
    var random = SystemRandomNumberGenerator()
    let count = Int.random(in: 1...14, using: &random)
    let boxes = (0..<count).map { place in
      (
        name: "s\(place)",
        uses: (0..<place).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }.map {
          "s\($0)"
        },
        height: 40 + 15 * Int.random(in: 0...5, using: &random)
      )
    }
    let layout = StageLayout(boxes: boxes, width: 100, across: 50, down: 20)
    for box in boxes {
      guard let corner = layout.corners[box.name] else {
        Issue.record("\(box.name) has no place")
        return
      }
      for use in box.uses {
        #expect((layout.corners[use]?.x ?? .max) < corner.x, "seed \(seed)")
      }
      for other in boxes where other.name != box.name {
        guard let place = layout.corners[other.name], place.x == corner.x else { continue }
        #expect(
          place.y >= corner.y + box.height || corner.y >= place.y + other.height,
          "\(box.name) covers \(other.name)")
      }
      for line in layout.lines {
        for point in line.dropFirst().dropLast() where point.x == corner.x {
          #expect(point.y <= corner.y || point.y >= corner.y + box.height, "\(box.name) is crossed")
        }
      }
    }
  }
}

import Frames
import Testing

@testable import PipelineFiles
@testable import Stages

/// What a target publishes beside its list, whatever becomes of the list on its way to a table.
@Suite struct CompanionTests {
  private static let tables: Tables = [
    "users": frame([
      (Field("id", .int8, isNullable: false), Array(1...40)),
      (Field("agreed", .bool), (1...40).map { $0 % 4 > 0 }),
    ]),
    "names": frame([
      (Field("id", .int8, isNullable: false), Array(1...40)),
      (Field("nick", .text), (1...40).map { "n\($0)" }),
    ]),
  ]

  private static func target(_ name: String = "list", campaign: String = "c", _ more: String = "")
    -> String
  {
    """
    \(name):
      target:
        input: users
        consent: { push: agreed }
        holdout: 30%
        campaigns: [ { name: \(campaign), when: "true", channel: push, offer: o, cost: 1 } ]\(more)

    """
  }

  private static let sources = """
    users: { extract: { from: shop, table: shop.users, key: id } }
    names: { extract: { from: shop, table: shop.names, key: id } }

    """
  private static let named = "named: { join: { left: list, right: names, on: id } }\n"
  private static let chosen =
    "few: { clean: { input: named, steps: [ { reject: { where: id > 10, reason: enough } } ] } }\n"

  private func write(_ name: String = "publish", of input: String, _ keys: String = "") -> String {
    "\(name): { write: { input: \(input), table: marketing.\(name), key: [id, campaign]\(keys) } }\n"
  }

  @Test(arguments: ["list", "named", "few"])
  func `assignments are published with all who were chosen`(input: String) async throws {
    let outcome = try await run(
      Self.sources + Self.target() + Self.named + Self.chosen + write(of: input), Self.tables)
    let list = try #require(outcome.published["marketing.publish"])
    let all = try #require(outcome.published["marketing.campaign_assignments"])
    #expect(all.integers("id") == (1...40).filter { $0 % 4 > 0 })
    let arms = Dictionary(
      zip(all.integers("id"), all.texts("arm")), uniquingKeysWith: { first, _ in first })
    #expect(Set(arms.values) == ["treatment", "holdout"])
    let expected = arms.filter {
      $0.value == "treatment" && (input != "few" || ($0.key ?? 0) <= 10)
    }
    #expect(Set(list.integers("id")) == Set(expected.keys))
    #expect((list.schema["nick"] != nil) == (input != "list"))
  }

  @Test func `several tables of one list publish them once`() async throws {
    let outcome = try await run(
      Self.sources + Self.target() + Self.named + write(of: "named") + write("plain", of: "list"),
      Self.tables)
    #expect(
      outcome.published.keys.sorted()
        == ["marketing.campaign_assignments", "marketing.plain", "marketing.publish"])
    let noted = outcome.results.filter { $0.value.notes.contains { $0.contains("assignments") } }
    #expect(noted.map(\.key) == ["plain"])
  }

  @Test func `lists that are put together keep their assignments apart`() async throws {
    let united =
      Self.target("list", campaign: "a") + Self.target("other", campaign: "b")
      + "both: { union: { inputs: [list, other] } }\n" + write(of: "both")
    #expect(
      messages(Self.sources + united, Self.tables)
        == ["error: stages 'list' and 'other' would both publish campaign_assignments here"])
    let outcome = try await run(
      Self.sources + Self.target("list", campaign: "a")
        + Self.target("other", campaign: "b", "\n    assignments: other_assignments")
        + "both: { union: { inputs: [list, other] } }\n" + write(of: "both"), Self.tables)
    #expect(
      outcome.published["marketing.campaign_assignments"]?.texts("campaign").allSatisfy {
        $0 == "a"
      } == true)
    #expect(
      outcome.published["marketing.other_assignments"]?.texts("campaign").allSatisfy { $0 == "b" }
        == true)
  }

  @Test func `a list without a table for its assignments is refused or said`() {
    #expect(
      messages(Self.sources + Self.target() + Self.named, Self.tables)
        == [
          "warning: no stage publishes what 'list' chooses: neither the list nor campaign_assignments"
        ])
    for input in ["list", "named"] {
      let stages =
        Self.sources + Self.target() + Self.named + write(of: input, ", mode: upsert")
      #expect(
        messages(stages, Self.tables).contains(
          "error: stage 'list' publishes campaign_assignments too, which mode upsert has no table for"
        ))
    }
  }
}

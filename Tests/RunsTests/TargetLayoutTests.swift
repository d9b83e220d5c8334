import Frames
import PipelineFiles
import PostgresClient
import Testing

@testable import Runs

/// The names of tables in `roost_data`.
@Suite struct TargetLayoutTests {
  private func layout(_ schema: String, _ name: String, _ environment: String? = nil) throws
    -> TargetLayout
  {
    let publishing = try environment.map { try #require(PublishingEnvironment(named: $0)) }
    return TargetLayout(
      TargetTable(
        name: QualifiedName(schema: schema, name: name), schema: Schema([]), key: [], about: "",
        keep: nil), environment: publishing ?? .standard)
  }

  @Test func `names are short enough for every run and different for every table`() throws {
    let parts = [
      "a", "a_b", "b_c", "c", "marketing", String(repeating: "x", count: 55),
      String(repeating: "x", count: 54) + "y", String(repeating: "客", count: 18),
      String(repeating: "客", count: 17) + "户", String(repeating: "🐦", count: 13),
    ]
    var names: Set<String> = []
    for schema in parts {
      for name in parts {
        for environment in [nil, "dev", "b"] {
          let layout = try layout(schema, name, environment)
          names.insert(layout.data.name)
          let rows = layout.rows(run: 9_999_999_999, attempt: 999, taken: 9)
          #expect(rows.name.utf8.count <= 63)
        }
      }
    }
    #expect(names.count == parts.count * parts.count * 3)
  }

  @Test func `no table is named like the rows of another`() throws {
    for name in ["users_r3", "users_s3", "users_r3_1", "users_r3_1_2"] {
      #expect(try layout("marketing", name).data.name != "marketing_\(name)")
    }
    #expect(try layout("marketing", "users_r").data.name == "marketing_users_r")
  }

  @Test func `a short name can be read`() throws {
    let layout = try layout("marketing", "user_scores")
    #expect(
      layout.rows(run: 7, attempt: 2).description == "roost_data.marketing_user_scores_r7_2")
    #expect(layout.current.description == "marketing.user_scores_current")
  }
}

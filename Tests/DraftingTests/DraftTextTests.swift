import Foundation
import Frames
import PostgresClient
import Testing

@testable import Drafting

/// The text of a draft, whole: it is the first thing that a new user sees.
@Suite struct DraftTextTests {
  private static let draft: Result<ProjectDraft, any Error> = Result {
    let members = SourceTable(
      QualifiedName(schema: "crm", name: "members"),
      columns: [
        SourceColumn("id", .uuid, isNotNull: true), SourceColumn("email", .text),
        SourceColumn("joined_at", .timestamptz, isNotNull: true),
      ], primaryKey: ["id"])
    let purchases = SourceTable(
      QualifiedName(schema: "crm", name: "purchases"),
      columns: [
        SourceColumn("number", .text, isNotNull: true),
        SourceColumn("member_id", .uuid, isNotNull: true),
        SourceColumn("status", .text), SourceColumn("total", .decimal, isNotNull: true),
        SourceColumn("tags", .unreadable, typeName: "text[]"),
        SourceColumn("purchased_at", .timestamptz, isNotNull: true),
        SourceColumn("loaded_at", .timestamptz, isNotNull: true),
      ], primaryKey: ["number"],
      foreignKeys: [.init(["member_id"], to: members.name, ["id"])])
    let visits = SourceTable(
      QualifiedName(schema: "crm", name: "visits"),
      columns: [SourceColumn("member_id", .uuid), SourceColumn("seen_at", .timestamp)])
    let stores = SourceTable(
      QualifiedName(schema: "crm", name: "stores"), columns: [SourceColumn("id", .integer)],
      primaryKey: ["id"])
    let catalog = SourceCatalog(
      tables: [members, purchases, stores, visits], otherSchemas: ["audit"])
    let choice = try TableGraph(catalog: catalog).entity(named: nil)
    let first = CivilDate(year: 2025, month: 1, day: 1)
    return try ProjectDraft(
      DraftFindings(
        catalog: catalog, choice: choice, main: choice.activities[0],
        history: .found(
          ActivityHistory(
            days: (0..<300).map { (day: CivilDate(days: first.days + $0), rows: 1) },
            today: CivilDate(days: first.days + 400))),
        churn: ChurnChoice(
          plan: ChurnPlan.all[0], cutoffs: 3, counts: (eligible: 1000, silent: 400)),
        noChurn: "", trustsEntityTime: true, zone: "Asia/Shanghai",
        zoneReason: "the database's own zone", variable: "SHOP_DATABASE_URL",
        warehouseVariable: "SHOP_DATABASE_URL", target: "marketing",
        today: CivilDate(days: first.days + 400)))
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(component: "Drafts")

  /// `ROOST_UPDATE_GOLDEN=1` writes what is found, to be read before it is committed.
  @Test(arguments: ["roost.yaml", "member_segments.yaml", "purchases.sql", "visits.sql"])
  func `the files as they should be`(name: String) throws {
    let draft = try Self.draft.get()
    #expect(draft.files.count == 4)
    let file = try #require(draft.files.first { $0.path.hasSuffix("/\(name)") })
    let golden = Self.folder.appending(component: name)
    if ProcessInfo.processInfo.environment["ROOST_UPDATE_GOLDEN"] == "1" {
      try file.text.write(to: golden, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: golden, encoding: .utf8) == file.text)
  }
}

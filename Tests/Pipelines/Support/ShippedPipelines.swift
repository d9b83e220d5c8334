import DemoShop
import Foundation
import PostgresClient

/// The pipelines that come with Roost, as they stand.
enum ShippedPipelines {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func path(_ name: String) -> String {
    root.appending(path: "pipelines/\(name).yaml").path
  }

  static var orders: String {
    Bundle.module.bundleURL.appending(path: "Fixtures/cdnow/orders.csv.gz").path
  }
}

extension TestProject {
  /// Makes the role that `pipelines/roost.yaml` grants to; roles belong to the whole cluster.
  func makeMarketingReader() async throws {
    try await sql(
      """
      DO $$ BEGIN
        PERFORM pg_advisory_xact_lock(1);
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'marketing_reader') THEN
          CREATE ROLE marketing_reader NOLOGIN;
        END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
      """)
  }

  /// Copies the shipped pipelines and their SQL into the project, with changes of the text.
  func copyShippedPipelines(_ changes: [String: String]) throws {
    let folder = URL(filePath: ShippedPipelines.path("retention")).deletingLastPathComponent()
    try FileManager.default.copyItem(
      at: folder, to: self.folder.appending(component: "pipelines"))
    try FileManager.default.copyItem(
      at: folder.deletingLastPathComponent().appending(component: "sql"),
      to: self.folder.appending(component: "sql"))
    for name in ["retention", "cdnow"] {
      var text = try String(contentsOfFile: ShippedPipelines.path(name), encoding: .utf8)
      for (old, new) in changes { text = text.replacing(old, with: new) }
      try write("pipelines/\(name).yaml", text)
    }
  }
}

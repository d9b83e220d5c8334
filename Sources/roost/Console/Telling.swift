import Diagnostics
import Foundation
import PipelineFiles
import PostgresClient
import Scheduling

/// Delivers alerts at the end of a command.
enum Telling {
  /// Who delivers what a project's `alerts:` says; nil where it tells nobody.
  static func courier(_ project: Project, _ database: ConnectionString) -> AlertCourier? {
    let report = Report()
    let reader = Reader(report: report, environment: ProcessInfo.processInfo.environment)
    let settings = AlertSettings(project, reader)
    for problem in report.sorted {
      Console.note("alerts: \(problem.message), so what needs it tells nobody")
    }
    return settings.ways.isEmpty ? nil : AlertCourier(settings, database)
  }

  /// Tells what is to be told. What cannot be delivered is said, and is no failure.
  static func deliver(_ project: Project, _ database: ConnectionString) async {
    guard let courier = courier(project, database) else { return }
    let deliveries = await courier.deliver(now: .now)
    for line in deliveries.lines { Console.note("alerts: \(line)") }
  }
}

import ArgumentParser
import Diagnostics
import Foundation
import Inspection
import PipelineFiles
import PostgresClient
import Scheduling
import Stages
import State

struct Schedule: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "Run every pipeline of a folder when its schedule says so.",
    discussion: """
      Stays until it is asked to stop (SIGTERM, Ctrl-C); runs under way are then parked, and made by \
      the next start. What was due, what became of it and why is kept in the state database, so any \
      number of schedulers may share it, and it may be killed at any time. Files that change are \
      read again; one that breaks keeps what it said before.

        roost schedule pipelines
        roost schedule pipelines --next 10        what is due next, and run nothing
        roost schedule pipelines --past 20        what was due, and what became of it
        roost schedule pipelines --once           make what is due now, and end
        roost schedule pipelines --systemd        print units for systemd
        roost schedule pipelines --metrics-port 9464
        roost schedule pipelines --metrics-file /var/lib/node_exporter/roost.prom
      """)

  @Argument(
    help: ArgumentHelp(
      "Folder of pipelines; that of roost.yaml when left out.", valueName: "folder"))
  var folder: String?

  @OptionGroup var project: ProjectOptions

  @OptionGroup var state: StateOptions

  @OptionGroup var publishing: EnvironmentOptions

  @Option(help: "Show the next N times at which something is due.")
  var next: Int?

  @Option(help: "Show the last N times at which something was due, and what became of it.")
  var past: Int?

  @Flag(help: "Make what is due now and end, for a timer.")
  var once = false

  @Flag(help: "Print units for systemd: the scheduler as a service, and a timer instead.")
  var systemd = false

  @Option(help: "Runs at the same time, each of another pipeline.")
  var parallel = 2

  @OptionGroup var metrics: MetricsOptions

  @Option(help: "text or json, of --next and --past.")
  var format = OutputFormat.text

  func validate() throws {
    for (name, value) in [("--next", next), ("--past", past), ("--parallel", parallel)] {
      if let value, value < 1 { throw ValidationError("\(name) must be at least 1") }
    }
    let modes = [next != nil, past != nil, once, systemd].count { $0 }
    if modes > 1 { throw ValidationError("give one of --next, --past, --once, --systemd") }
    if modes > 0, metrics.metricsPort != nil {
      throw ValidationError(
        "--metrics-port is for a scheduler that stays; leave --next, --past, --once, --systemd out")
    }
    if modes > 0, metrics.metricsFile != nil, !once {
      throw ValidationError(
        "--metrics-file is for a scheduler; leave --next, --past, --systemd out")
    }
  }

  func run() async throws {
    let report = Report()
    guard let session = openSession(report) else { throw wrongFiles(report) }
    if systemd {
      Console.write(
        SystemdUnits(project: session.project, folder: folder).text, to: .standardOutput)
      return
    }
    var files = PipelineFolder(
      session.project, folder: folder, environment: ProcessInfo.processInfo.environment,
      registry: .builtIn)
    if let next { return try showNext(next, &files) }
    guard let database = session.state else { throw wrongFiles(report) }
    if let past { return try await showPast(past, database, session.project) }
    try await keep(files, session.project, database)
  }

  /// The project of the folder, which may also be the folder above.
  private func openSession(_ report: Report) -> ProjectSession? {
    var options = project
    if let folder {
      guard Files.isFolder(folder) == true else {
        report.error(
          .unreadableFile, "there is no folder \(folder)", at: nil,
          help: "name the folder of the pipelines")
        return nil
      }
      if options.project == nil {
        options.project = ProjectFinder.find(named: nil, pipeline: folder + "/any.yaml")
      }
    }
    return options.openSession(report)
  }

  private func showNext(_ count: Int, _ files: inout PipelineFolder) throws {
    let changes = files.reload()
    let upcoming = UpcomingTick.next(count, of: files.scheduled, after: .now)
    switch format {
    case .json: Console.data(JSONValue.array(upcoming.map(\.json)).text)
    case .text:
      for line in ScheduleText.lines(upcoming) { Console.print(line) }
      if files.scheduled.isEmpty { Console.note("no pipeline here has a schedule") }
    }
    let broken = changes.compactMap {
      if case .broken(_, _, let message) = $0 { message } else { nil }
    }
    for message in broken { Console.error(message) }
    if !broken.isEmpty { throw ExitCode.wrongFiles }
  }

  private func showPast(
    _ count: Int, _ database: ConnectionString, _ project: Project
  ) async throws {
    let environment = try publishing.resolved().name ?? ""
    var ticks: [TickRecord] = []
    if let state = try await StateDatabase.openToAsk(database) {
      ticks = try await TickLedger(state).latest(count, environment: environment)
      await state.close()
    }
    switch format {
    case .json: Console.data(JSONValue.array(ticks.map(\.json)).text)
    case .text:
      for line in ScheduleText.lines(ticks) { Console.print(line) }
      if ticks.isEmpty { Console.note("nothing has been due since a scheduler looked first") }
    }
  }

  private func keep(
    _ files: PipelineFolder, _ project: Project, _ database: ConnectionString
  ) async throws {
    let environment = try publishing.resolved()
    let log = ScheduleLog()
    let metrics = try await MetricsExport(metrics, database) { log.say($0) }
    let maker = RunsHere(
      environment: ProcessInfo.processInfo.environment, publishing: environment,
      stateFolder: state.stateDir, registry: .builtIn
    ) { log.show($0, $1) }
    var options = SchedulerOptions()
    options.parallel = parallel
    let scheduler = Scheduler(
      files, environment: environment.name ?? "", state: database, maker: maker,
      courier: Telling.courier(project, database), options: options
    ) { event in
      log.show(event)
      if case .ended = event { metrics.touch() }
    }
    guard once else {
      // A database that is away is waited for and told of; one that cannot hold the ledger is not.
      do {
        try await StateDatabase.open(database).close()
      } catch let error as PostgresError where error.kind == .cannotConnect {
      }
      try await Interruption.cancelling { await scheduler.run() }
      return await metrics.end()
    }
    let made = try await Interruption.cancelling { try await scheduler.runOnce() }
    await metrics.end()
    try ScheduleLog.exit(after: made)
  }
}

import Diagnostics
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Runs
import State

/// A run that is to be made from a list.
public struct WantedRun: Sendable {
  public let pipeline: Pipeline
  public let project: Project
  public let asOf: Instant
  public let claim: RunClaim
  /// Whether a run for it was begun before, which goes on where it ended.
  public let resumes: Bool

  public init(
    pipeline: Pipeline, project: Project, asOf: Instant, claim: RunClaim, resumes: Bool = false
  ) {
    self.pipeline = pipeline
    self.project = project
    self.asOf = asOf
    self.claim = claim
    self.resumes = resumes
  }
}

/// What became of the wish to make a run.
public enum MadeRun: Sendable {
  case ended(RunOutcome)
  /// Another process is at it.
  case locked
  /// It has been made meanwhile, or is not wanted any more.
  case notClaimed
  case notBegun(Obstacle)
}

/// Why no run was begun.
public struct Obstacle: Sendable, Hashable {
  public enum Kind: Sendable { case files, database, cancelled, other }
  public let kind: Kind
  /// What was found, for people.
  public let text: String
}

/// Makes runs.
public protocol RunMaker: Sendable {
  /// Ends soon after its task is cancelled, with what became of the run.
  func make(_ run: WantedRun) async -> MadeRun
}

/// Makes runs in this process.
public struct RunsHere: RunMaker {
  private let environment: [String: String]
  private let publishing: PublishingEnvironment
  private let stateFolder: String?
  private let registry: StageRegistry
  private let observe: @Sendable (WantedRun, RunEvent) -> Void

  /// - Parameters:
  ///   - environment: what the project's files may take values from.
  ///   - stateFolder: where stages keep rows, where something else is asked for than usual.
  public init(
    environment: [String: String], publishing: PublishingEnvironment, stateFolder: String?,
    registry: StageRegistry, observe: @escaping @Sendable (WantedRun, RunEvent) -> Void
  ) {
    self.environment = environment
    self.publishing = publishing
    self.stateFolder = stateFolder
    self.registry = registry
    self.observe = observe
  }

  public func make(_ run: WantedRun) async -> MadeRun {
    let report = Report()
    let session = ProjectSession(
      run.project, environment: environment, registry: registry, report: report)
    do {
      // By night another's lock is worth waiting for.
      let checked = try await session.check(
        run.pipeline, asOf: run.asOf, publishing: publishing, isOffline: false,
        locks: .asRun { _ in })
      guard let checked, !report.hasErrors else {
        if report.isOnlyLocked {
          // That it cannot be kept is no other reason.
          _ = try? await session.recordLocked(
            run.pipeline, asOf: run.asOf, publishing: publishing, resumes: run.resumes,
            tells: run.claim != .tick)
          return .notBegun(Obstacle(kind: .database, text: PipelineFolder.first(report)))
        }
        return .notBegun(
          Obstacle(kind: .files, text: "the files are wrong: \(PipelineFolder.first(report))"))
      }
      var request = checked.request(
        environment: publishing, publishes: true,
        stateFolder: checked.stateFolder(stateFolder, environment: environment))
      request.claim = run.claim
      request.resumes = run.resumes
      let observe = observe
      return .ended(try await RunExecutor(request) { observe(run, $0) }.run())
    } catch let error as RunError {
      switch error {
      case .locked: return .locked
      case .notClaimed: return .notClaimed
      default: return .notBegun(Obstacle(kind: .other, text: "\(error)"))
      }
    } catch {
      let kind = (error as? PostgresError)?.kind
      if error is CancellationError || kind == .cancelled {
        return .notBegun(Obstacle(kind: .cancelled, text: "cancelled"))
      }
      let isUnreachable = kind == .cannotConnect || kind == .connectionLost
      return .notBegun(Obstacle(kind: isUnreachable ? .database : .other, text: "\(error)"))
    }
  }
}

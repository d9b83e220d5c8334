/// The life of a run as a state machine: what can happen to it, and who may say so. Has no I/O; all
/// that changes a run in the database follows this table.
public enum RunTransition: String, Sendable, CaseIterable {
  /// All is done and, where the run publishes, visible.
  case succeed
  /// A stage failed, or publication did.
  case fail
  /// A check of the data stopped it.
  case block
  /// What would be published waits for a person's word.
  case hold
  /// Somebody asked that it end, or its time was up.
  case cancel
  /// Its process is gone.
  case lose
  /// It goes on as a new attempt.
  case resume
  /// A person lets the held publication pass.
  case approve
  /// A person turns the held publication down.
  case reject

  /// Who may say that it happened.
  public enum Mover: Sendable {
    /// The session that holds the run's lock and its token.
    case owner
    /// Whoever sees that nobody holds the lock.
    case anyone
    /// Whoever takes the lock, which nobody holds then; the token changes.
    case taker
  }

  public var mover: Mover {
    switch self {
    case .succeed, .fail, .block, .hold, .cancel: .owner
    case .lose: .anyone
    case .resume, .approve, .reject: .taker
    }
  }

  /// The states in which it can happen.
  public var sources: [RunState] {
    switch self {
    case .succeed, .fail, .block, .hold, .cancel, .lose: [.running]
    case .resume: [.failed, .blocked, .held, .cancelled, .lost]
    case .approve, .reject: [.held]
    }
  }

  /// The state that it leads to.
  public var target: RunState {
    switch self {
    case .succeed, .approve: .succeeded
    case .fail: .failed
    case .block: .blocked
    case .hold: .held
    case .cancel, .reject: .cancelled
    case .lose: .lost
    case .resume: .running
    }
  }

  /// The state that follows one; nil where it cannot happen in that one.
  public func state(after state: RunState) -> RunState? {
    sources.contains(state) ? target : nil
  }
}

/// The life of a stage within one attempt at a run.
public enum StageTransition: String, Sendable, CaseIterable {
  case begin
  case finish
  /// Its output was taken from a checkpoint.
  case reuse
  case fail
  /// It failed for a reason that can pass, and waits for its next try.
  case pause
  /// It is left out: a stage before it failed, or nobody asked for it.
  case skip
  case cancel
  /// A new attempt at the run makes it again.
  case reset

  /// The states in which it can happen.
  public var sources: [StageState] {
    switch self {
    case .begin: [.waiting, .retrying]
    case .finish, .fail, .pause: [.running]
    case .reuse: [.waiting, .running, .succeeded]
    case .skip: [.waiting]
    case .cancel: [.waiting, .running, .retrying]
    case .reset: StageState.allCases
    }
  }

  /// The state that it leads to.
  public var target: StageState {
    switch self {
    case .begin: .running
    case .finish, .reuse: .succeeded
    case .fail: .failed
    case .pause: .retrying
    case .skip: .skipped
    case .cancel: .cancelled
    case .reset: .waiting
    }
  }

  public func state(after state: StageState) -> StageState? {
    sources.contains(state) ? target : nil
  }
}

import CLibpq
import Glibc
import Synchronization

/// Asks from any thread that the statement under way be cancelled.
final class Interruption: Sendable {
  private let isRequested = Atomic(false)

  func request() { isRequested.store(true, ordering: .relaxed) }
  func reset() { isRequested.store(false, ordering: .relaxed) }
  var isDue: Bool { isRequested.load(ordering: .relaxed) || Task.isCancelled }
}

/// A libpq connection in non-blocking mode, used from one thread at a time. Every wait looks at the
/// task's cancellation ten times a second, so that a statement ends soon after its task.
final class Session {
  let handle: OpaquePointer
  let location: String
  private let interruption: Interruption
  private var isInterruptible = true
  /// What the message of an error of the statement under way may quote.
  private var content = MessageContent.names
  /// What the server warned of in the statement under way or the last one: rights that were not given or
  /// taken, in Postgres's own words.
  private(set) var privilegeWarnings: [String] = []
  /// Whether the server has been asked to cancel the statement under way.
  private(set) var hasCancelled = false

  init(
    to string: ConnectionString, options: ConnectionOptions, interruption: Interruption
  ) throws(PostgresError) {
    // libpq lets later keywords win, and reads `dbname` as a connection string.
    let keywords =
      options.defaults + [("dbname", string.secret), ("client_encoding", "UTF8")]
    let opened = CStrings.with(keywords.map(\.0)) { names in
      CStrings.with(keywords.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
    }
    guard let opened else {
      throw PostgresError(.cannotConnect, "out of memory", location: string.location)
    }
    guard PQstatus(opened) == CONNECTION_OK else {
      let message = string.redacting(String(cString: PQerrorMessage(opened)).trimmingLines)
      PQfinish(opened)
      let label = string.label.map { "\($0): " } ?? ""
      throw PostgresError(.cannotConnect, label + message, location: string.location)
    }
    handle = opened
    location = string.location
    self.interruption = interruption
    PQsetnonblocking(handle, 1)
    PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context, let result else { return }
        Unmanaged<Session>.fromOpaque(context).takeUnretainedValue().note(result)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { PQfinish(handle) }

  /// Whether a transaction is open, aborted ones included.
  var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

  /// Whether the statement under way is to end.
  var isInterrupted: Bool { isInterruptible && interruption.isDue }

  /// Notices are as free in their words as errors; only those that name rights are kept.
  private func note(_ result: OpaquePointer) {
    guard let warning = PostgresError.privilegeWarning(result), privilegeWarnings.count < 100 else {
      return
    }
    privilegeWarnings.append(warning)
  }

  /// Sends a statement and waits for its results: the last one, or the one that starts a COPY.
  /// - Parameters:
  ///   - interruptible: false for what must be done although the task is cancelled.
  ///   - content: what the message of an error may quote, also of errors during its COPY.
  ///   - take: takes the results, where they are not those of one statement.
  func run(
    interruptible: Bool = true, content: MessageContent = .names,
    taking take: (Session) throws(PostgresError) -> StatementResult = {
      (session) throws(PostgresError) in try session.results()
    },
    _ send: (OpaquePointer) -> Int32
  ) throws(PostgresError) -> StatementResult {
    self.content = content
    interruption.reset()
    isInterruptible = interruptible
    hasCancelled = false
    privilegeWarnings = []
    if interruptible, interruption.isDue { throw .cancelled(location: location) }
    guard send(handle) == 1 else { throw failure() }
    try flush()
    return try take(self)
  }

  /// The results of what was sent: throws the first error, after all results were taken.
  /// - Parameter each: is given each that is no error.
  func results(_ each: (StatementResult) -> Void = { _ in }) throws(PostgresError)
    -> StatementResult
  {
    var last: StatementResult?
    var error: PostgresError?
    while let result = nextResult() {
      switch result.status {
      case PGRES_COPY_OUT, PGRES_COPY_IN:
        if let error { throw error }
        return result
      case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
        error = error ?? self.error(of: result)
      default:
        each(result)
        last = result
      }
    }
    if PQstatus(handle) == CONNECTION_BAD { error?.kind = .connectionLost }
    if let error { throw error }
    guard let last else { throw failure() }
    return last
  }

  /// The next result; nil between two statements, and after the last.
  func nextResult() -> StatementResult? {
    while PQisBusy(handle) == 1 {
      waitForSocket(POLLIN)
      // A broken connection shows in the result that follows.
      if PQconsumeInput(handle) == 0 { break }
    }
    return PQgetResult(handle).map(StatementResult.init)
  }

  /// Sends what libpq has buffered.
  func flush() throws(PostgresError) {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1:
        // The server may want its own output to be read before it reads on.
        waitForSocket(POLLIN | POLLOUT)
        if PQconsumeInput(handle) == 0 { return }
      default: throw failure()
      }
    }
  }

  /// Waits for the socket for at most a tenth of a second, and passes a cancellation on.
  func waitForSocket(_ events: Int32) {
    if isInterrupted, !hasCancelled { cancelStatement() }
    var socket = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
    if socket.fd >= 0 { poll(&socket, 1, 100) }
  }

  /// Asks the server to cancel the statement under way; returns when the request was taken.
  func cancelStatement() {
    hasCancelled = true
    guard let request = PQgetCancel(handle) else { return }
    defer { PQfreeCancel(request) }
    var problem = [CChar](repeating: 0, count: 256)
    // A request that fails leaves the statement running; it is then waited for.
    _ = PQcancel(request, &problem, Int32(problem.count))
  }

  func error(of result: StatementResult) -> PostgresError {
    PostgresError(
      result: result.pointer, content: content, isLost: PQstatus(handle) == CONNECTION_BAD,
      wasCancelled: hasCancelled, location: location)
  }

  /// The error that libpq reports where there is no result.
  func failure() -> PostgresError {
    let isLost = PQstatus(handle) == CONNECTION_BAD
    return PostgresError(
      isLost ? .connectionLost : .statement, String(cString: PQerrorMessage(handle)).trimmingLines,
      location: location)
  }
}

/// A result of libpq, freed with its last reference.
final class StatementResult {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }
  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }
  /// What was done, such as `INSERT 0 5`.
  var tag: String { String(cString: PQcmdStatus(pointer)) }
  /// Rows that the statement affected or returned.
  var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }
}

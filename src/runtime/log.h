#pragma once

#include <string_view>

namespace sextant {

// What: the server's log, one line an event, on stderr. Hides the logging library.
// Threads: any.
enum class LogLevel { kTrace, kDebug, kInfo, kWarning, kError, kOff };

void SetLogLevel(LogLevel level);
// Accepts trace, debug, info, warn, warning, error, off in any case; false on anything else.
bool ParseLogLevel(std::string_view text, LogLevel* level);

void LogDebug(std::string_view message);
void LogInfo(std::string_view message);
void LogWarning(std::string_view message);
void LogError(std::string_view message);

}  // namespace sextant

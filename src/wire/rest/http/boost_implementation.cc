// The one place where Asio and Beast are compiled; everywhere else only their declarations are
// (…_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>

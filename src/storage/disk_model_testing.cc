#include "storage/disk_model_testing.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "base/check.h"

namespace sextant::storage {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kPage = 4096;

std::string Parent(const std::string& path) {
  return fs::path(path).parent_path();
}

bool IsUnder(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path[directory.size()] == '/' && path.starts_with(directory);
}

std::string Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

DiskModel::DiskModel(std::string root) : root_(std::move(root)), removed_(root_ + ".removed") {
  fs::create_directories(root_);
  fs::create_directories(removed_);
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    auto node = std::make_shared<DiskNode>();
    node->directory = entry.is_directory();
    node->real_path = entry.path();
    if (!node->directory) node->size = node->synced = entry.file_size();
    now_[entry.path()] = node;
  }
  durable_ = now_;
}

DiskModel::~DiskModel() {
  std::error_code ignored;  // left behind in a test's directory
  fs::remove_all(removed_, ignored);
}

void DiskModel::FailNth(DiskOperation operation, uint64_t n, int error) {
  const std::lock_guard lock(mutex_);
  failing_ = operation;
  fail_at_ = counts_[static_cast<size_t>(operation)] + n;
  fail_error_ = error;
  failed_ = false;
}
bool DiskModel::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}
void DiskModel::SetFull(bool full) {
  const std::lock_guard lock(mutex_);
  full_ = full;
}
void DiskModel::PowerOffAtNth(uint64_t n) {
  const std::lock_guard lock(mutex_);
  power_off_at_ = std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}) + n;
}
uint64_t DiskModel::count(DiskOperation operation) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<size_t>(operation)];
}
uint64_t DiskModel::count() const {
  const std::lock_guard lock(mutex_);
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

int DiskModel::Begin(DiskOperation operation) {
  if (powered_off_) return EIO;
  const uint64_t count = ++counts_[static_cast<size_t>(operation)];
  if (power_off_at_ != 0 && std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}) >= power_off_at_) {
    powered_off_ = true;
    return EIO;
  }
  if (operation == failing_ && count == fail_at_) {
    failed_ = true;
    return fail_error_;
  }
  if (full_ && (operation == DiskOperation::kCreate || operation == DiskOperation::kWrite)) return ENOSPC;
  return 0;
}

void DiskModel::KeepBeforeRewrite(const DiskNodePtr& node) {
  if (node->before_rewrite.has_value()) return;
  node->before_rewrite = Load(node->real_path).substr(0, node->synced);
}

void DiskModel::PutAside(const std::string& path) {
  const auto found = now_.find(path);
  if (found == now_.end()) return;
  const std::string aside = removed_ + "/" + std::to_string(put_aside_++);
  SEXTANT_CHECK(std::rename(path.c_str(), aside.c_str()) == 0);
  found->second->real_path = aside;
}

void DiskModel::Record(Change change) {
  Apply(change, &now_);
  pending_.push_back(std::move(change));
}

void DiskModel::Apply(const Change& change, Names* names) {
  switch (change.kind) {
    case Change::kLink: (*names)[change.path] = change.node; break;
    case Change::kUnlink: {
      const auto found = names->find(change.path);
      if (found != names->end() && found->second == change.node) names->erase(found);
      break;
    }
    case Change::kMove:
      if (change.node->directory) {
        MoveTree(change.path, change.to, names);
      } else {
        const auto found = names->find(change.path);
        if (found != names->end() && found->second == change.node) names->erase(found);
        (*names)[change.to] = change.node;
      }
      break;
    case Change::kUnlinkTree:
      std::erase_if(*names,
                    [&](const auto& entry) { return entry.first == change.path || IsUnder(entry.first, change.path); });
      break;
  }
}

void DiskModel::MoveTree(const std::string& from, const std::string& to, Names* names) {
  Names moved;
  for (auto it = names->begin(); it != names->end();) {
    if (it->first != from && !IsUnder(it->first, from)) {
      ++it;
      continue;
    }
    moved[to + it->first.substr(from.size())] = it->second;
    it = names->erase(it);
  }
  for (auto& [path, node] : moved) (*names)[path] = node;
}

bool DiskModel::Touches(const Change& change, const std::string& directory) {
  return Parent(change.path) == directory || (change.kind == Change::kMove && Parent(change.to) == directory);
}

int DiskModel::Create(const std::string& path, DiskNodePtr* node) {
  const std::lock_guard lock(mutex_);
  if (const int error = Begin(DiskOperation::kCreate); error != 0) return error;
  if (!fs::is_directory(Parent(path))) return ENOENT;
  if (fs::is_directory(path)) return EISDIR;
  PutAside(path);
  auto made = std::make_shared<DiskNode>();
  made->real_path = path;
  Record({.kind = Change::kLink, .path = path, .to = {}, .node = made});
  *node = std::move(made);
  return 0;
}

DiskNodePtr DiskModel::Find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = now_.find(path);
  return found == now_.end() ? nullptr : found->second;
}

int DiskModel::Sync(const DiskNodePtr& node) {
  const std::lock_guard lock(mutex_);
  const int error = Begin(DiskOperation::kSync);
  if (powered_off_) return error;
  if (error != 0) {
    node->doubtful.emplace_back(node->synced, node->size);
    node->sync_failed = true;
    return error;
  }
  node->synced = node->size;
  if (!node->sync_failed) node->before_rewrite.reset();
  return 0;
}

int DiskModel::SyncDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const int error = Begin(DiskOperation::kSync); error != 0) return error;
  if (!fs::is_directory(path)) return ENOENT;
  const std::string directory = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  std::vector<Change> left;
  for (Change& change : pending_) {
    if (Touches(change, directory)) {
      Apply(change, &durable_);
      continue;
    }
    left.push_back(std::move(change));
  }
  pending_ = std::move(left);
  return 0;
}

int DiskModel::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (const int error = Begin(DiskOperation::kRename); error != 0) return error;
  const auto found = now_.find(from);
  if (found == now_.end() || !fs::is_directory(Parent(to))) return ENOENT;
  const DiskNodePtr node = found->second;
  if (!node->directory) PutAside(to);
  if (std::rename(from.c_str(), to.c_str()) != 0) return errno;
  for (auto& [path, other] : now_) {
    if (path == from || IsUnder(path, from)) other->real_path = to + path.substr(from.size());
  }
  Record({.kind = Change::kMove, .path = from, .to = to, .node = node});
  return 0;
}

int DiskModel::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const int error = Begin(DiskOperation::kRemove); error != 0) return error;
  const auto found = now_.find(path);
  if (found == now_.end()) return std::remove(path.c_str()) == 0 ? 0 : errno;  // a lock file, say: not simulated
  const DiskNodePtr node = found->second;
  PutAside(path);
  Record({.kind = Change::kUnlink, .path = path, .to = {}, .node = node});
  return 0;
}

int DiskModel::RemoveTree(const std::string& path) {
  std::vector<std::string> files;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, node] : now_) {
      if (!node->directory && (name == path || IsUnder(name, path))) files.push_back(name);
    }
  }
  for (const std::string& file : files) {
    if (const int error = Remove(file); error != 0 && error != ENOENT) return error;
  }
  const std::lock_guard lock(mutex_);
  if (const int error = Begin(DiskOperation::kRemove); error != 0) return error;
  Record({.kind = Change::kUnlinkTree, .path = path, .to = {}, .node = nullptr});
  std::error_code error;
  fs::remove_all(path, error);
  return error.value();
}

int DiskModel::CreateDirectories(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (const int injected = Begin(DiskOperation::kCreate); injected != 0) return injected;
    fs::create_directories(path, error);
    if (error) return error.value();
  }
  std::string made = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  for (; IsUnder(made, root_) && !now_.contains(made); made = Parent(made)) {
    auto node = std::make_shared<DiskNode>();
    node->directory = true;
    node->real_path = made;
    now_[made] = durable_[made] = node;
  }
  return 0;
}

DiskModel::Names DiskModel::NamesAfterCut(std::mt19937_64* random) const {
  Names names = durable_;
  const bool in_order = (*random)() % 2 == 0;
  const size_t kept = pending_.empty() ? 0 : (*random)() % (pending_.size() + 1);
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (in_order ? i < kept : (*random)() % 2 == 0) Apply(pending_[i], &names);
  }
  return names;
}

std::string DiskModel::ContentAfterCut(const DiskNode& node, std::mt19937_64* random) const {
  if (node.before_rewrite.has_value() && (*random)() % 2 == 0) return *node.before_rewrite;
  std::string content = Load(node.real_path);
  const auto lose_pages = [&](uint64_t begin, uint64_t end) {
    for (end = std::min<uint64_t>(end, content.size()); begin < end; begin = (begin / kPage + 1) * kPage) {
      const uint64_t page_end = std::min(end, (begin / kPage + 1) * kPage);
      if ((*random)() % 2 == 0) std::fill(content.data() + begin, content.data() + page_end, '\0');
    }
  };
  for (const auto& [begin, end] : node.doubtful) lose_pages(begin, end);
  const uint64_t safe = std::min<uint64_t>(node.synced, content.size());
  const uint64_t unsynced = content.size() - safe;
  if (unsynced == 0) return content;
  switch ((*random)() % 5) {
    case 0: content.resize(safe); break;
    case 1: content.resize(safe + (*random)() % (unsynced + 1)); break;
    case 2: content.resize(std::max(safe, (safe + (*random)() % (unsynced + 1)) / kPage * kPage)); break;
    case 3: lose_pages(safe, content.size()); break;
    default:
      for (uint64_t i = safe + (*random)() % unsynced; i < content.size(); ++i) {
        content[i] = static_cast<char>((*random)());
      }
  }
  return content;
}

void DiskModel::CutPower(uint64_t seed, const std::string& target) {
  const std::lock_guard lock(mutex_);
  powered_off_ = true;
  std::mt19937_64 random(seed);
  fs::create_directories(target);
  for (const auto& [path, node] : NamesAfterCut(&random)) {
    const std::string copy = target + path.substr(root_.size());
    fs::create_directories(node->directory ? copy : Parent(copy));
    if (node->directory) continue;
    const std::string content = ContentAfterCut(*node, &random);
    std::ofstream(copy, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  }
}

}  // namespace sextant::storage

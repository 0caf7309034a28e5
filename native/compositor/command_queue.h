// Changes on their way to the render thread. The render thread never waits, and whoever posts a change learns which frame
// will be the first to show it.
//
// A stack in one atomic word. While it is empty the word holds the number of the frame that will take the next change
// (times two, plus one: nodes lie on even addresses); the first node pushed keeps that number, later ones inherit it.
// The render thread frees nothing: it hands the spent nodes back, and the next one to post deletes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace vistter {

template <class State>
class CommandQueue {
 public:
  using Command = std::function<void(State&)>;

  explicit CommandQueue(int64_t firstFrame) : head_(tag(firstFrame)) {}
  ~CommandQueue() { clear(); }
  CommandQueue(const CommandQueue&) = delete;
  CommandQueue& operator=(const CommandQueue&) = delete;

  /// Lets go of everything that was posted. The render thread has ended.
  void clear() {
    const std::lock_guard<std::mutex> lock(posters_);
    discard(head_.exchange(tag(0)));
    discard(spent_.exchange(kNone));
  }

  /// Any thread but the render thread. Returns the frame that takes it. Changes are applied in the order they were posted.
  int64_t post(Command command) {
    const std::lock_guard<std::mutex> lock(posters_);
    discard(spent_.exchange(kNone, std::memory_order_acquire));
    auto* node = new Node{std::move(command), 0, 0};
    uintptr_t head = head_.load(std::memory_order_acquire);
    do {
      node->next = head;
      // Even when it has been taken meanwhile, the node is still there: only posters delete, one at a time.
      node->frame = isTag(head) ? int64_t(head >> 1) : reinterpret_cast<Node*>(head)->frame;
    } while (!head_.compare_exchange_weak(head, reinterpret_cast<uintptr_t>(node), std::memory_order_acq_rel, std::memory_order_acquire));
    return node->frame;
  }

  /// Render thread, at the tick of `frame`: applies what was posted for it.
  void apply(int64_t frame, State& state) {
    const uintptr_t taken = head_.exchange(tag(frame + 1), std::memory_order_acq_rel);
    if (isTag(taken)) return;
    order_.clear();
    for (uintptr_t at = taken; !isTag(at); at = reinterpret_cast<Node*>(at)->next) order_.push_back(reinterpret_cast<Node*>(at));
    for (size_t i = order_.size(); i-- > 0;) order_[i]->command(state);
    Node* last = order_.back();
    uintptr_t spent = spent_.load(std::memory_order_relaxed);
    do {
      last->after = spent;
    } while (!spent_.compare_exchange_weak(spent, taken, std::memory_order_acq_rel, std::memory_order_relaxed));
  }

 private:
  struct alignas(16) Node {
    Command command;
    uintptr_t next;
    int64_t frame;
    uintptr_t after = kNone;  // The last of a batch: the batch spent before it.
  };
  static_assert(sizeof(uintptr_t) == 8, "frame numbers need 64 bits");
  static constexpr uintptr_t kNone = 1;
  static uintptr_t tag(int64_t frame) { return (uintptr_t(frame) << 1) | 1; }
  static bool isTag(uintptr_t word) { return word & 1; }
  static void discard(uintptr_t at) {
    while (!isTag(at)) {
      Node* node = reinterpret_cast<Node*>(at);
      at = isTag(node->next) ? node->after : node->next;
      delete node;
    }
  }

  std::atomic<uintptr_t> head_;
  std::atomic<uintptr_t> spent_{kNone};
  std::mutex posters_;
  std::vector<Node*> order_;
};

}  // namespace vistter

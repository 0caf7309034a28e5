// A thread for whatever must not be done where time counts: freeing large memory, converting pictures.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace vistter {

/// One for the process, for ever: whoever frees something last must never have to wait for a thread to end.
class Helper {
 public:
  static Helper& shared() {
    static Helper* const helper = new Helper;
    return *helper;
  }

  /// Jobs are done in the order they came. Never blocks; from any thread.
  void push(std::function<void()> job) {
    auto* node = new Node{std::move(job), jobs_.load(std::memory_order_relaxed)};
    while (!jobs_.compare_exchange_weak(node->next, node, std::memory_order_release, std::memory_order_relaxed)) {
    }
    sem_post(&wake_);
  }

 private:
  struct Node {
    std::function<void()> job;
    Node* next;
  };

  Helper() {
    sem_init(&wake_, 0, 0);
    std::thread([this] {
      for (;;) {
        while (sem_wait(&wake_) != 0) {
        }
        drain();
      }
    }).detach();
  }

  void drain() {
    Node* newest = jobs_.exchange(nullptr, std::memory_order_acquire);
    Node* oldest = nullptr;
    while (newest) {
      Node* next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest) {
      oldest->job();
      Node* next = oldest->next;
      delete oldest;
      oldest = next;
    }
  }

  std::atomic<Node*> jobs_{nullptr};
  sem_t wake_;
};

/// `owned`, to be freed on the helper's thread instead of where the last reference goes.
template <class T>
std::shared_ptr<T> freedByHelper(std::unique_ptr<T> owned) {
  return std::shared_ptr<T>(owned.release(), [](T* gone) { Helper::shared().push([gone] { delete gone; }); });
}

}  // namespace vistter

// SPDX-License-Identifier: Apache-2.0
// Logs that cannot be read again, in runs with checkpoints that allow their loss: a process is killed and started again
// with another standard input, or another connection. What was not in the last checkpoint is lost; all the rest is as
// if one run had read what is left as one log: states, watermarks, places in the log, files.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>
#include <catch2/catch.hpp>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/record/print.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/csv_stdin.hpp>
#include <weir/sources/csv_tcp.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/source.hpp>

#include "piped_input.hpp"
#include "temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace weir;

namespace lost_records_test {
struct payment {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    timestamp at{};
    friend bool operator==(const payment&, const payment&) = default;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at))
struct total {
    std::uint64_t count = 0;
    std::uint64_t ids = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (count, ids))
// A record, and the state behind it.
struct line {
    std::uint64_t id = 0;
    std::uint64_t count = 0;
    std::uint64_t ids = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, count, ids))
}  // namespace lost_records_test
using namespace lost_records_test;

namespace {

// Out of order, some of them too late.
payment payment_of(std::uint64_t id) {
    const auto time = static_cast<std::int64_t>(id * 100 + mix_bits(id) % 5000) - (id % 61 == 60 ? 60'000 : 0);
    return {id, static_cast<std::uint32_t>(mix_bits(id + 7) % 5), timestamp{std::chrono::milliseconds{time}}};
}
std::string text_of(std::uint64_t from, std::uint64_t to) {
    csv_encoder<payment> encoder({}, {});
    std::string text;
    for (std::uint64_t id = from; id < to; ++id) encoder.append(text, payment_of(id));
    return text;
}
std::string header() {
    std::string text;
    csv_encoder<payment>({}, {}).append_header(text);
    return text;
}

using stamped_lines = decltype(collect_stamped<line>());

graph job(auto source, const std::string& folder, const stamped_lines& stamps) {
    const auto files = [&](const std::string& name) {
        return named(name, into(csv_rolling(folder + "/" + name + "-*.csv",
                                            {.bytes = std::uint64_t{1} << 30U, .every_epoch = true})));
    };
    const auto timed = source | named("payments", event_time(&payment::at, out_of_order(3s)));
    const auto sums = timed | key_by(&payment::card) |
                      named("sums", process<total>([](auto&, const payment& each, total& state) {
                                state.ids += each.id;
                                return line{each.id, ++state.count, state.ids};
                            }));
    const auto windows = timed | key_by(&payment::card) | window(tumbling(10s)) |
                         named("windows", aggregate(count(), sum(&payment::id)));
    return graph("lossy", timed | files("read"), sums | files("lines"), windows | files("rows"), sums | into(stamps));
}

// What the files of a name hold together, without their headers.
std::string rows_in(const std::string& folder, const std::string& name) {
    std::vector<std::string> paths;
    if (std::filesystem::exists(folder)) {
        for (const auto& each : std::filesystem::directory_iterator(folder)) {
            const std::string file = each.path().filename().string();
            if (file.starts_with(name + "-") && file.ends_with(".csv")) paths.push_back(each.path().string());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::string rows;
    for (const std::string& path : paths) {
        std::ifstream file(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(file), {}};
        const std::size_t end_of_header = text.find('\n');
        if (end_of_header != std::string::npos) rows += text.substr(end_of_header + 1);
    }
    return rows;
}
std::vector<payment> payments_in(const std::string& folder) {
    const temporary_folder copy;
    const auto sink = collect<payment>();
    const std::string path = copy.write("read.csv", header() + rows_in(folder, "read"));
    return run(graph("read", csv_files<payment>(path) | into(sink)), batch{}).output(sink);
}

// Of two texts, the lines that differ first; empty if there are none.
std::string first_difference(const std::string& left, const std::string& right) {
    const auto [one, other] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (one == left.end() && other == right.end()) return {};
    const auto at = static_cast<std::size_t>(one - left.begin());
    const std::size_t begin = at == 0 ? 0 : left.rfind('\n', at - 1) + 1;
    const auto line_of = [begin](const std::string& text) {
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    return line_of(left) + " | " + line_of(right);
}

// Leaves the stamps of what it collected in a file, too.
template <class Source, class Runner> void run_job(const Source& source, const std::string& folder, Runner how) {
    const auto stamps = collect_stamped<line>();
    const run_report report = run(job(source, folder, stamps), how);
    std::ofstream file(folder + "/stamps-1.csv", std::ios::binary);
    file << "id,count,partition,position,time,watermark\n";
    for (const auto& [record, at] : report.output(stamps)) {
        file << record.id << ',' << record.count << ',' << at.at.from.number << ',' << at.at.position << ','
             << to_text(at.time) << ',' << to_text(at.watermark()) << '\n';
    }
}
template <class Source> void run_job(const Source& source, const std::string& folder, bool batches, unsigned threads) {
    const checkpointing checkpoint{.every = 1ms, .directory = folder + "/state", .at_most_once_sources = true};
    if (batches) {
        run_job(source, folder, micro_batch{.every = 2ms, .threads = threads, .checkpoint = checkpoint});
    } else {
        run_job(source, folder, event_loop{.threads = threads, .checkpoint = checkpoint});
    }
}

// A process that does something, until it is killed.
class process_of {
  public:
    explicit process_of(const std::function<void()>& what) : id_(::fork()) {
        REQUIRE(id_ >= 0);
        if (id_ != 0) return;
        int code = 0;
        try {
            what();
        } catch (const std::exception& problem) {
            static_cast<void>(std::fprintf(stderr, "%s\n", problem.what()));
            code = 1;
        }
        ::_exit(code);
    }
    process_of(const process_of&) = delete;
    process_of& operator=(const process_of&) = delete;
    ~process_of() {
        if (id_ > 0) kill();
    }
    void kill() {
        ::kill(id_, SIGKILL);
        static_cast<void>(wait());
    }
    [[nodiscard]] bool goes_on() const {
        siginfo_t ended{};
        return ::waitid(P_PID, static_cast<id_t>(id_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
    }
    // Its exit code, or -1.
    int wait() {
        int status = 0;
        while (::waitpid(std::exchange(id_, 0), &status, 0) < 0) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t id_;
};

using tcp = boost::asio::ip::tcp;

// What a process reads: it is started, fed, killed, and started again.
class standard_input {
  public:
    [[nodiscard]] auto source() const { return csv_stdin<payment>(); }
    void begin() { input_.emplace(); }
    void connect() {}
    void write(const std::string& text) { input_->write(text); }
    void end() { input_.reset(); }
    void end_in_child() { input_->close(); }

  private:
    std::optional<piped_input> input_;
};

class connection {
  public:
    [[nodiscard]] auto source() const { return csv_tcp<payment>("127.0.0.1", acceptor_.local_endpoint().port()); }
    void begin() {}
    void connect() {
        peer_.emplace(context_);
        acceptor_.accept(*peer_);
    }
    void write(const std::string& text) { boost::asio::write(*peer_, boost::asio::buffer(text)); }
    void end() { peer_.reset(); }
    void end_in_child() {}

  private:
    boost::asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    std::optional<tcp::socket> peer_;
};

template <class Feed> void kill_and_go_on(bool batches, unsigned threads) {
    constexpr std::uint64_t pieces = 4;
    const temporary_folder work;
    const std::string folder = work / "";
    Feed feed;
    std::uint64_t next = 0;
    std::string visible;
    std::vector<std::uint64_t> begins;
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
        CAPTURE(piece);
        const bool last = piece + 1 == pieces;
        begins.push_back(next);
        feed.begin();
        process_of running([&] {
            feed.end_in_child();
            run_job(feed.source(), folder, batches, threads);
        });
        feed.connect();
        feed.write(header());
        // Until several checkpoints with records of this piece are durable; some more are on their way then.
        std::size_t seen = visible.size();
        for (int grown = 0; grown < 3; next += 20) {
            REQUIRE(running.goes_on());
            feed.write(text_of(next, next + 20));
            std::this_thread::sleep_for(1ms);
            const std::size_t now = rows_in(folder, "read").size();
            if (now > seen) ++grown;
            seen = now;
        }
        if (!last) {
            running.kill();
            const std::string now = rows_in(folder, "read");
            CHECK(now.starts_with(visible));  // what has been visible stays
            visible = now;
            feed.end();
        } else {
            feed.end();
            CHECK(running.wait() == 0);
        }
        next += 1000;  // so that it is seen what is lost and what is new
    }
    const std::vector<payment> left = payments_in(folder);
    // Of each piece its beginning, of the last one all.
    std::size_t at = 0;
    for (const std::uint64_t begin : begins) {
        std::uint64_t id = begin;
        for (; at < left.size() && left[at].id == id; ++at, ++id) CHECK(left[at] == payment_of(id));
        CHECK(id > begin);
        if (begin == begins.back()) CHECK(id == next - 1000);
    }
    CHECK(at == left.size());
    // One run over what is left.
    const temporary_folder other;
    run_job(memory<payment>(left), other / "", batch{});
    for (const char* const name : {"read", "lines", "rows", "stamps"}) {
        CAPTURE(name);
        CHECK(rows_in(other / "", name).size() > 100);
        CHECK(first_difference(rows_in(folder, name), rows_in(other / "", name)) == "");
    }
}

}  // namespace

TEST_CASE("a killed run over standard input goes on with the input of the next one", "[runtime]") {
    const bool batches = GENERATE(false, true);
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(batches, threads);
    kill_and_go_on<standard_input>(batches, threads);
}

TEST_CASE("a killed run over a connection goes on with the next one", "[runtime]") {
    const bool batches = GENERATE(false, true);
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(batches, threads);
    kill_and_go_on<connection>(batches, threads);
}

TEST_CASE("a log that cannot be read again goes on behind where it was, with a header of its own", "[runtime]") {
    const temporary_folder folder;
    const bool with_history = GENERATE(false, true);
    const auto sink = collect_stamped<payment>();
    const auto bad = collect<bad_record>();
    const checkpointing checkpoint{.directory = folder / "state", .at_most_once_sources = true};
    const std::string history = folder.write("history.csv", header() + text_of(0, 50));
    const auto run_over = [&](const std::string& text) {
        piped_input input;
        input.write(text);
        const auto live = csv_stdin<payment>(dead_letter(bad));
        const auto to = [&](const auto& source) {
            const graph what("lossy", source | into(sink));
            return run(what, available_now{.checkpoint = checkpoint});
        };
        return with_history ? to(followed_by(csv_files<payment>(history), live)) : to(live);
    };
    const std::uint64_t behind = with_history ? 50 : 0;
    const run_report first = run_over(header() + text_of(100, 105) + "105,1,1970-");  // which is lost
    CHECK(first.output(sink).size() == behind + 5);
    // Columns may stand elsewhere; a bad record has a place, too.
    const run_report second = run_over("card,at,id\n7,1970-01-01T00:00:00Z,200\n,,\n8,1970-01-01T00:00:01Z,202\n");
    REQUIRE(second.output(sink).size() == behind + 7);
    CHECK(second.output(sink)[behind + 4].record.id == 104);
    CHECK(second.output(sink)[behind + 5].record.id == 200);
    CHECK(second.output(sink)[behind + 5].at.at.position == behind + 5);
    CHECK(second.output(sink)[behind + 6].record.card == 8);
    CHECK(second.output(sink)[behind + 6].at.at.position == behind + 7);
    REQUIRE(second.output(bad).size() == 1);
    CHECK(second.output(bad)[0].line == 3);
    CHECK(second.balanced());
    // Nothing new at all.
    CHECK(run_over("").output(sink).size() == behind + 7);
    CHECK(run_over(header() + text_of(300, 301)).output(sink).back().at.at.position == behind + 8);
}

namespace {
// Knows no place to go on from.
struct counting_log {
    std::uint64_t next;
    std::uint64_t left = 5;
    read_result read(std::size_t max, auto& emit) {
        for (; max != 0 && left != 0; --max, --left) emit(payment_of(next++));
        return left == 0 ? read_result::idle : read_result::more;
    }
};
}  // namespace

TEST_CASE("a log of one's own that cannot be found again goes on with what it gives then", "[runtime]") {
    const temporary_folder folder;
    const auto sink = collect_stamped<payment>();
    const auto run_from = [&](std::uint64_t id, bool allowed) {
        const auto logs = source<payment>("counting", "", [id](environment&) { return counting_log{id}; });
        return run(graph("own", logs | into(sink)),
                   available_now{.checkpoint = {.directory = folder / "state", .at_most_once_sources = allowed}});
    };
    CHECK_THROWS_WITH(run_from(0, false), Catch::Contains("at most once from here"));
    CHECK(run_from(0, true).output(sink).size() == 5);
    CHECK_THROWS_WITH(run_from(100, false), Catch::Contains("at most once from here"));
    const run_report second = run_from(100, true);
    REQUIRE(second.output(sink).size() == 10);
    CHECK(second.output(sink)[5].record.id == 100);
    CHECK(second.output(sink)[5].at.at.position == 5);
}

// SPDX-License-Identifier: Apache-2.0
// A sink of one's own: a description, which is part of the graph, opens a writer for each run. The writer takes records
// in turn, one at a time, and is told when to flush and how the run ended. This one writes the line protocol of time
// series databases to a stream.
#include <concepts>
#include <iostream>
#include <string>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct reading {
    std::string sensor;
    weir::timestamp at;
    double celsius;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, at, celsius))

class line_writer {
  public:
    explicit line_writer(std::ostream& out) : out_(out) {}

    void take(const reading& each, const weir::stamp_view&) {
        lines_ += "temperature,sensor=" + each.sensor + " celsius=" + weir::to_text(each.celsius) + " " +
                  std::to_string(each.at.time_since_epoch().count()) + "\n";
    }
    void flush() {  // after each chunk of records: few of them live, many at once in a batch
        out_ << lines_;
        lines_.clear();
    }
    void finish(bool complete) {  // once; complete unless the run failed
        if (complete) out_ << "# complete\n";
        out_.flush();
    }

  private:
    std::ostream& out_;
    std::string lines_;
};

class line_protocol : public weir::sink_description {
  public:
    explicit line_protocol(std::ostream& out) : out_(out) {}
    std::string kind() const { return "line_protocol"; }
    template <std::same_as<reading> Record> auto open(const weir::sink_site&) const {
        return std::make_unique<line_writer>(out_);
    }

  private:
    std::ostream& out_;  // outlives every run
};

int main() {
    const weir::timestamp start = std::chrono::sys_days{2025y / 6 / 1};
    const auto readings = weir::memory<reading>({{"roof", start, 20.5}, {"cellar", start + 1s, 12}});
    weir::run(weir::graph("readings", readings | weir::into(line_protocol(std::cout))), weir::batch{});
}

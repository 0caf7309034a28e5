# Tools of tests in other languages.
TEST_TOOLS += $(BUILD)/slow-line

$(BUILD)/slow-line: $(call objects,test/slow_line.cpp)
	$(CXX) $^ $(LDFLAGS) -o $@
